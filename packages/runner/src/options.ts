import { InvalidArgumentError, Option } from 'commander'
import { nearest } from './nearest.ts'

/** An option that takes one of a few words; a mistyped one is guessed. */
export function choiceOption(flags: string, about: { readonly description: string; readonly choices: readonly string[] }): Option {
  const { description, choices } = about
  return new Option(flags, description).choices(choices).argParser((text: string) => {
    if (choices.includes(text)) return text
    const near = nearest(text, choices)
    throw new InvalidArgumentError(`${near === null ? '' : `Did you mean ${near}? `}Allowed choices are ${choices.join(', ')}.`)
  })
}

/** `--format`, human unless said otherwise. */
export function formatOption(choices: readonly string[]): Option {
  return choiceOption('--format <format>', { description: 'how the result is written', choices }).default('human')
}

/** `--select`, several times or with several words. */
export function selectOption(): Option {
  return new Option('--select <sync...>', 'only these syncs: names, globs, tag:<tag>, changed, changed:<git ref>')
}
