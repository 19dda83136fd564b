import type { RunResult } from '../../engine/index.ts'
import { EXIT, exitCodeOf } from '../../process/exit.ts'
import type { ExitCode } from '../../process/exit.ts'
import type { Io } from '../../process/io.ts'
import { printError } from '../diagnostics/error.ts'
import { renderGuards } from '../plan/guard-lines.ts'
import { coloursFor } from '../text/colours.ts'
import { writeReport } from './formats.ts'
import type { ReportFormat } from './formats.ts'

/** Writes how a run ended; returns its exit code. */
export async function conclude(
  io: Io,
  format: ReportFormat,
  { report, stops, failure }: RunResult,
): Promise<ExitCode> {
  await writeReport(io, format, report)
  if (stops.length > 0) io.stderr.write(renderGuards(stops, coloursFor(io.stderr, io.env)))
  if (report.status === 'interrupted') return EXIT.interrupted
  if (failure !== null) {
    printError(failure, io)
    return exitCodeOf(failure)
  }
  if (stops.length > 0) return EXIT.guard
  return report.status === 'partial' ? EXIT.partial : EXIT.done
}
