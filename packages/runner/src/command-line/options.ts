import { closest } from '@engage-sync/core'
import { InvalidArgumentError, Option } from 'commander'

/** An option that takes one of a few words; a mistyped one is guessed. */
export function choiceOption(
  flags: string,
  about: { readonly description: string; readonly choices: readonly string[] },
): Option {
  const { description, choices } = about
  return new Option(flags, description).choices(choices).argParser((text: string) => {
    if (choices.includes(text)) return text
    const near = closest(text, choices)
    throw new InvalidArgumentError(
      `${near === null ? '' : `Did you mean ${near}? `}Allowed choices are ${choices.join(', ')}.`,
    )
  })
}

/** What every command takes; made anew, since a program fills them. */
export function globalOptions(): readonly Option[] {
  return [
    new Option('--configs <dir>', 'configuration directory').default('configs'),
    new Option('--env <name>', 'environment of the project file: local, or the only one there is'),
    new Option('--quiet', 'no progress, and no report where all went well'),
    logFormatOption(),
  ]
}

/** `--log-format`, of standard error. */
function logFormatOption(): Option {
  return choiceOption('--log-format <format>', {
    description: 'how standard error is written: for people, or one JSON object a line',
    choices: ['human', 'json'],
  }).default('human')
}

/** `--format`, human unless said otherwise. */
export function formatOption(choices: readonly string[]): Option {
  return choiceOption('--format <format>', {
    description: 'how the result is written',
    choices,
  }).default('human')
}

const ALSO_FORMATS = ['json', 'markdown'] as const

/** `--also`, several times: a format and the file it goes to. */
export function alsoOption(): Option {
  return new Option(
    '--also <format=file>',
    'write the plan as json or markdown into this file, too; several times',
  ).argParser((text: string, before: readonly { format: string; file: string }[] | undefined) => {
    const [name = '', ...rest] = text.split('=')
    const format = ALSO_FORMATS.find((each) => each === name)
    const file = rest.join('=')
    if (format === undefined || file === '')
      throw new InvalidArgumentError('Expected json=FILE or markdown=FILE.')
    return [...(before ?? []), { format, file }]
  })
}

/** `--metrics`. @param of - what figures they are */
export function metricsOption(of: string): Option {
  return new Option(
    '--metrics <file>',
    `write the figures of the ${of} into this file, as OpenMetrics`,
  )
}

/** `--resend`, alone or with mappings. */
export function resendOption(description: string): Option {
  return new Option('--resend [mapping...]', `${description}; of these mappings alone, by id`)
}

/** `--select`, several times or with several words. */
export function selectOption(): Option {
  return new Option(
    '--select <sync...>',
    'only these syncs: names, globs, tag:<tag>, changed, changed:<git ref>',
  )
}

/** Whether a text is a number of a run, a letter, or of how many. */
export function isWholeNumber(text: string): boolean {
  return /^[1-9]\d*$/.test(text)
}

/** Such a number, for an option or argument. */
export function wholeNumber(text: string): number {
  if (!isWholeNumber(text)) throw new InvalidArgumentError('Expected a whole number from 1.')
  return Number(text)
}

/** `--wait`, in seconds. */
export function waitOption(description: string): Option {
  return new Option('--wait <seconds>', description).argParser((text: string) => {
    if (!/^\d+(\.\d+)?$/.test(text))
      throw new InvalidArgumentError('Expected a number of seconds, such as 30.')
    return Number(text)
  })
}

/** `--memory-budget`, in bytes. */
export function memoryOption(): Option {
  return new Option(
    '--memory-budget <size>',
    'rows and values held at once, such as 512MB (default: 1GB)',
  ).argParser(bytesOf)
}

const GUARDS = ['removals', 'additions', 'data_points', 'deletions', 'rejected', 'empty_source']

/**
 * `--allow`, several times or with several guards: `removals=<id>`, `data_points=<n>`, or a name
 * alone for all of it.
 */
export function allowOption(description: string): Option {
  return new Option('--allow <guard...>', description).argParser(
    (text: string, before: readonly string[] | undefined) => [...(before ?? []), knownGuard(text)],
  )
}

/** A guard that may be let pass, for an option or argument: `removals=<id>`, `data_points`. */
export function knownGuard(text: string): string {
  const [guard = '', value] = text.split('=', 2)
  if (!GUARDS.includes(guard)) {
    const near = closest(guard, GUARDS)
    throw new InvalidArgumentError(
      `${near === null ? '' : `Did you mean ${near}? `}Guards are ${GUARDS.join(', ')}.`,
    )
  }
  if (guard === 'rejected' && value !== undefined && !/^(\d+|\*)$/.test(value))
    throw new InvalidArgumentError('Expected a number of values, such as rejected=40.')
  if (guard === 'data_points' && value !== undefined && !/^(\d+|\*)$/.test(value))
    throw new InvalidArgumentError('Expected a number of data points, such as data_points=5000.')
  return text
}

/** How much may be rejected before a run that ended well ends with exit code 1. */
export interface FailOn {
  readonly most: number
  /** Whether `most` is a share of what was read, as a fraction, or a count. */
  readonly isShare: boolean
}

/** `--fail-on rejected=1%` or `rejected=20`. */
export function failOnOption(): Option {
  return new Option(
    '--fail-on <rejected=share>',
    'exit 1 only if more is rejected: rejected=1% of what is read, or rejected=20 (default: any)',
  ).argParser((text: string): FailOn => {
    const [, number, percent] = /^rejected=(\d+(?:\.\d+)?)(%?)$/.exec(text) ?? []
    if (number === undefined)
      throw new InvalidArgumentError('Expected rejected=1% or rejected=20, a share or a count.')
    return {
      most: percent === '%' ? Number(number) / 100 : Number(number),
      isShare: percent === '%',
    }
  })
}

const UNITS: ReadonlyMap<string, number> = new Map([
  ['MB', 1e6],
  ['GB', 1e9],
])

function bytesOf(text: string): number {
  const [, number, unit = ''] = /^(\d+(?:\.\d+)?) ?(MB|GB)$/i.exec(text) ?? []
  const bytes = Number(number ?? 0) * (UNITS.get(unit.toUpperCase()) ?? 0)
  if (bytes <= 0) throw new InvalidArgumentError('Expected a size in MB or GB, such as 512MB.')
  return bytes
}
