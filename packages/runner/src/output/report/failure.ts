import { causeOf } from '../../process/cause.ts'
import { EXIT, exitCodeOf } from '../../process/exit.ts'
import type { ExitCode } from '../../process/exit.ts'
import type { Io } from '../../process/io.ts'
import { environmentName } from '../../workspace/environment/environment-name.ts'
import type { EnvironmentFlags } from '../../workspace/environment/open-environment.ts'
import type { FailedEnd } from './end.ts'
import { writeFailure } from './formats.ts'
import type { ReportFormat } from './formats.ts'

/**
 * Does something, and writes its cause in the format asked for where it ends before it has anything to report.
 *
 * @throws what `work` throws, once it is written
 */
export async function withFailure(
  io: Io,
  flags: EnvironmentFlags & { readonly format: ReportFormat },
  work: () => Promise<ExitCode>,
): Promise<ExitCode> {
  try {
    return await work()
  } catch (error) {
    await writeFailure(io, flags.format, failedEnd(error, environmentName(io, flags)))
    throw error
  }
}

/** How something ended that threw. */
export function failedEnd(error: unknown, environment: string): FailedEnd {
  return { environment, status: statusOf(error), error: causeOf(error) }
}

function statusOf(error: unknown): FailedEnd['status'] {
  const code = exitCodeOf(error)
  if (code === EXIT.interrupted) return 'interrupted'
  return code === EXIT.guard ? 'stopped' : 'failed'
}
