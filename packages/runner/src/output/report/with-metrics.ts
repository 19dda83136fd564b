import type { Report } from '@engage-sync/core'
import type { ExitCode } from '../../process/exit.ts'
import type { Io } from '../../process/io.ts'
import { environmentName } from '../../workspace/environment/environment-name.ts'
import type { EnvironmentFlags } from '../../workspace/environment/open-environment.ts'
import { replaceOutput } from '../../workspace/files/replace-output.ts'
import { printError } from '../diagnostics/error.ts'
import { failedEnd } from './failure.ts'
import { failedRunMetrics, runMetrics } from './run-metrics.ts'

/** Writes the figures of a run that has a report. */
export type WriteMetrics = (report: Report) => Promise<void>

/**
 * Runs something that writes its figures where they were asked for; where it ends before it has any, writes that: older
 * ones must not look like its own. A file that cannot be written is told of on standard error, and changes nothing else.
 *
 * @throws what `work` throws
 */
export async function withMetrics(
  io: Io,
  flags: EnvironmentFlags & { readonly metrics?: string },
  work: (write: WriteMetrics) => Promise<ExitCode>,
): Promise<ExitCode> {
  const { metrics } = flags
  if (metrics === undefined) return work(() => Promise.resolve())
  let isWritten = false
  try {
    return await work(async (report) => {
      isWritten = true
      await replaceOutput(metrics, io.cwd, runMetrics(report, io.now())).catch((error: unknown) =>
        printError(error, io),
      )
    })
  } catch (error) {
    const ended = failedEnd(error, environmentName(io, flags))
    // What ended it is told; that its file cannot be written either would only hide it.
    if (!isWritten)
      await replaceOutput(metrics, io.cwd, failedRunMetrics(ended, io.now())).catch(() => undefined)
    throw error
  }
}
