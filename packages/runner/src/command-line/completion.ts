import { Command } from 'commander'
import type { Option } from 'commander'
import type { CommandEntry } from './command.ts'

/** What a value of an option, or an argument, is completed with. */
export type Completed =
  | { readonly kind: 'words'; readonly words: readonly string[] }
  | { readonly kind: 'files' }
  | { readonly kind: 'directories' }
  | { readonly kind: 'nothing' }

/** An option as a shell completes it. */
export interface CompletedOption {
  /** `--format`. */
  readonly name: string
  readonly description: string
  /** Null for one that takes no value. */
  readonly value: Completed | null
}

/** A command as a shell completes it. */
export interface CompletedCommand {
  /** `run`, `state show`; empty for the program itself. */
  readonly path: string
  readonly summary: string
  readonly options: readonly CompletedOption[]
  /** Commands below it. */
  readonly below: readonly { readonly name: string; readonly summary: string }[]
  readonly argument: Completed
}

/**
 * Everything that can be typed, from the table of commands and their own declarations.
 *
 * Shape: the program first, then each command before those below it; every command takes the
 * global options, too.
 */
export async function describeCommands(
  entries: readonly CommandEntry[],
  globals: readonly Option[],
): Promise<readonly CompletedCommand[]> {
  const shared = globals.map(describeOption)
  const program: CompletedCommand = {
    path: '',
    summary: '',
    options: shared,
    below: entries,
    argument: { kind: 'nothing' },
  }
  const commands = await Promise.all(entries.map((entry) => describe(entry, '', shared)))
  return [program, ...commands.flat()]
}

async function describe(
  { name, summary, load }: CommandEntry,
  above: string,
  shared: readonly CompletedOption[],
): Promise<readonly CompletedCommand[]> {
  const spec = await load()
  const command = new Command(name)
  spec.configure(command)
  const path = above === '' ? name : `${above} ${name}`
  const { subcommands: below = [] } = spec
  const own = command.options.map(describeOption)
  const [argument] = command.registeredArguments
  const described: CompletedCommand = {
    path,
    summary,
    options: [...own, ...shared],
    below,
    argument: completedBy(argument?.name() ?? '', argument?.argChoices),
  }
  const others = await Promise.all(below.map((entry) => describe(entry, path, shared)))
  return [described, ...others.flat()]
}

function describeOption(option: Option): CompletedOption {
  const { long, flags, description, argChoices } = option
  const takesValue = option.required || option.optional
  return {
    name: long ?? flags,
    description,
    value: takesValue ? completedBy(flags, argChoices) : null,
  }
}

/** Told by the choices, or by how a value is called. */
function completedBy(name: string, choices: readonly string[] | undefined): Completed {
  if (choices !== undefined) return { kind: 'words', words: choices }
  if (/\bdir/.test(name)) return { kind: 'directories' }
  return /file/.test(name) ? { kind: 'files' } : { kind: 'nothing' }
}
