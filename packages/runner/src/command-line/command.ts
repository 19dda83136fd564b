import type { Command } from 'commander'
import type { ExitCode } from '../process/exit.ts'
import type { Io } from '../process/io.ts'

/** Options every command takes. */
export interface GlobalFlags {
  /** The configuration directory, as typed. */
  readonly configs: string
  /** Name of the environment. */
  readonly env: string
  /** Whether the environment is the default one, since none was named. */
  readonly isEnvDefault: boolean
  /** What was typed, quoted for a shell. */
  readonly commandLine: string
}

/** One command: what its command line looks like, and what it does. */
export interface CommandSpec {
  /** Commands below this one; with any, this one does nothing by itself. Default: none. */
  readonly subcommands?: readonly CommandEntry[]
  /** Adds arguments, options and help text. */
  configure(command: Command): void
  run(
    io: Io,
    flags: GlobalFlags & Readonly<Record<string, unknown>>,
    args: readonly string[],
  ): Promise<ExitCode>
}

/** How a command is listed before its file is loaded. */
export interface CommandEntry {
  readonly name: string
  readonly summary: string
  /** Whether it sends, and goes on where it was stopped. Default: no. */
  readonly isSending?: true
  readonly load: () => Promise<CommandSpec>
}

/** A command that only groups others. */
export function groupCommands(subcommands: readonly CommandEntry[], help = ''): CommandSpec {
  return {
    subcommands,
    configure: (command) => void command.addHelpText('after', help),
    run: () => Promise.reject(new Error('A group of commands does not run')),
  }
}

/**
 * A command whose `run` sees its own flags typed.
 *
 * Shape: commander gives flags as plain values; `Flags` says what `configure` declared.
 */
export function defineCommand<Flags extends object>(spec: {
  configure(command: Command): void
  run(io: Io, flags: GlobalFlags & Flags, args: readonly string[]): Promise<ExitCode>
}): CommandSpec {
  return {
    configure: (command) => spec.configure(command),
    run: (io, flags, args) => spec.run(io, flags as unknown as GlobalFlags & Flags, args),
  }
}
