import { helpText, readCommandLine } from './cli/index.ts'
import { SimulatorError } from './options/index.ts'
import { startSimulator } from './simulator.ts'

/** What the command touches of its process. */
export interface Io {
  out(text: string): void
  error(text: string): void
  /** Resolves when the process is asked to stop. */
  readonly stopped: Promise<void>
  /** Resolves when standard input has ended. */
  stdinEnded(): Promise<void>
  readonly version: string
}

/**
 * Runs the command until it is asked to stop.
 *
 * Shape: arguments in, exit code out: 0 done, 2 wrong options, 3 cannot listen or open the store.
 */
export async function main(argv: readonly string[], io: Io): Promise<number> {
  try {
    const command = readCommandLine(argv)
    if (command.kind === 'help') io.out(helpText())
    if (command.kind === 'version') io.out(`${io.version}\n`)
    if (command.kind !== 'start') return 0
    const simulator = await startSimulator(command.options)
    io.out(`${simulator.url}\n`)
    await (command.exitWithStdin ? Promise.race([io.stopped, io.stdinEnded()]) : io.stopped)
    await simulator.close()
    return 0
  } catch (error) {
    if (!(error instanceof SimulatorError)) throw error
    io.error(`${error.code}: ${error.message}\n${error.hint}\n`)
    return error.code === 'SIMULATOR_OPTION' ? 2 : 3
  }
}
