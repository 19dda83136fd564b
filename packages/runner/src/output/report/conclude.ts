import type { Report } from '@engage-sync/core'
import type { FailOn } from '../../command-line/options.ts'
import type { RunResult } from '../../engine/index.ts'
import { EXIT, exitCodeOf } from '../../process/exit.ts'
import type { ExitCode } from '../../process/exit.ts'
import type { Io } from '../../process/io.ts'
import { printError } from '../diagnostics/error.ts'
import { renderGuards } from '../plan/guard-lines.ts'
import { coloursFor } from '../text/colours.ts'
import { allowingCommand } from './cause.ts'
import { writeReport } from './formats.ts'
import type { ReportChoice } from './formats.ts'

/** Writes how a run ended, on standard output in its format and the cause on standard error; returns its exit code. */
export async function conclude(
  io: Io,
  choice: ReportChoice,
  { report, summary, stops, failure }: Omit<RunResult, 'delivered'>,
): Promise<ExitCode> {
  if (!isSilent(io, choice, report)) await writeReport(io, choice, { report, summary })
  if (stops.length > 0) writeStops(io, choice, report)
  if (report.status === 'interrupted') {
    printError(io.signal.reason, io)
    return EXIT.interrupted
  }
  if (failure !== null) {
    printError(failure, io)
    return exitCodeOf(failure)
  }
  if (stops.length > 0) return EXIT.guard
  return report.status === 'partial' && isTooMuch(report, choice.failOn) ? EXIT.partial : EXIT.done
}

/** A run in which all went well says nothing to who asked for quiet. */
function isSilent({ quiet }: Io, { format }: ReportChoice, { status }: Report): boolean {
  return quiet === true && format === 'human' && status === 'done'
}

function writeStops(io: Io, { commandLine }: ReportChoice, { guards, error }: Report): void {
  const command = allowingCommand(commandLine, guards)
  if (io.log !== undefined) return io.log({ level: 'error', ...error, guards, command })
  io.stderr.write(renderGuards(guards, command, coloursFor(io.stderr, io.env)))
}

/** What is left for the next run, and by default any rejection, is too much. */
function isTooMuch({ rejected, braze }: Report, failOn: FailOn | undefined): boolean {
  if (failOn === undefined || braze.pending > 0) return true
  const count = rejected.count + braze.rejected
  return count > (failOn.isShare ? failOn.most * rejected.of : failOn.most)
}
