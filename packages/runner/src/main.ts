import { Command, CommanderError } from 'commander'
import { COMMANDS } from './commands/table.ts'
import type { CommandEntry, GlobalFlags } from './command-line/command.ts'
import { globalOptions } from './command-line/options.ts'
import { EXIT, exitCodeOf } from './process/exit.ts'
import type { ExitCode } from './process/exit.ts'
import type { Io } from './process/io.ts'
import { withLog } from './process/log.ts'
import { guarded, wantsColour } from './process/io.ts'
import { printError } from './output/diagnostics/error.ts'
import { quoted } from './output/text/shell.ts'
import { programVersion } from './process/program-version.ts'
import { sendingNothing } from './process/sending-nothing.ts'

/** The environment that is meant where none is named, and there is not just one. */
const LOCAL = 'local'

const EXAMPLES = `
Start here:
  engage-sync validate            check the configuration, offline
  engage-sync plan                what a run would change, and what it costs
  engage-sync run                 do it

Relative paths in the configuration start at the parent of the configuration directory.
`

/**
 * Runs one command line.
 *
 * Shape: arguments without the program's own name in; exit code out. Prints to its outputs, guarded, and throws nothing.
 */
export async function main(argv: readonly string[], bare: Io): Promise<ExitCode> {
  const outputs = { stdout: guarded(bare.stdout), stderr: guarded(bare.stderr) }
  const io = withLog({ ...bare, ...outputs }, argv)
  const outcome: { code: ExitCode } = { code: EXIT.done }
  try {
    const commandLine = ['engage-sync', ...argv].map(quoted).join(' ')
    await buildProgram({ io, outcome, commandLine }).parseAsync(helpFirst(argv), { from: 'user' })
    return outcome.code
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.done : EXIT.usage
    printError(error, io)
    return exitCodeOf(error)
  }
}

function buildProgram(context: Context): Command {
  const { io } = context
  const program = new Command('engage-sync')
  prepare(program, io)
  program
    .description('Segment Engage to Braze, as YAML says: validated, planned, sent once.')
    .usage('[options] <command>')
    .version(programVersion(), '--version', 'print the version')
    .helpOption('-h, --help', 'print this')
    .helpCommand(false)
    .addHelpText('after', EXAMPLES)
  for (const option of globalOptions()) program.addOption(option)
  for (const entry of COMMANDS) addCommand(program, entry, context)
  return program
}

/** Global flags as they were typed. */
type GivenFlags = Omit<GlobalFlags, 'env'> & { readonly env?: string } & Record<string, unknown>

interface Context {
  readonly io: Io
  readonly outcome: { code: ExitCode }
  /** What was typed, quoted for a shell. */
  readonly commandLine: string
}

/** Listed with its name and summary; its file is loaded only when it is the one asked for. */
function addCommand(program: Command, entry: CommandEntry, context: Context): void {
  const command = program.command(entry.name).summary(entry.summary)
  prepare(command, context.io)
  program.hook('preSubcommand', async (_program, chosen) => {
    if (chosen !== command) return
    const spec = await entry.load()
    if (command.description() === '') command.description(entry.summary)
    spec.configure(command)
    for (const below of spec.subcommands ?? []) addCommand(command, below, context)
    if (spec.subcommands !== undefined) return
    command.action(async () => {
      const given = command.optsWithGlobals<GivenFlags>()
      const isEnvDefault = given.env === undefined
      const env = given.env ?? LOCAL
      const flags = { ...given, env, isEnvDefault, commandLine: context.commandLine }
      const run = () => spec.run(context.io, flags, command.args)
      context.outcome.code = await (entry.isSending === true ? run() : sendingNothing(run))
    })
  })
}

function prepare(command: Command, io: Io): void {
  command
    .exitOverride()
    .showHelpAfterError(`Run \`${pathOf(command)} --help\` for what there is.`)
    .configureHelp({ showGlobalOptions: true, sortSubcommands: false })
    .configureOutput({
      writeOut: (text) => io.stdout.write(text),
      writeErr: (text) => io.stderr.write(text),
      getOutHelpWidth: () => Math.min(io.stdout.columns, 120),
      getErrHelpWidth: () => Math.min(io.stderr.columns, 120),
      getOutHasColors: () => wantsColour(io.stdout, io.env),
      getErrHasColors: () => wantsColour(io.stderr, io.env),
    })
}

/** `engage-sync state show`: what a person types to reach a command. */
function pathOf(command: Command): string {
  return command.parent === null ? command.name() : `${pathOf(command.parent)} ${command.name()}`
}

/** `help run` reads as `run --help`. */
function helpFirst(argv: readonly string[]): string[] {
  return argv[0] === 'help' ? [...argv.slice(1), '--help'] : [...argv]
}
