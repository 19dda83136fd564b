import type { Report } from '@engage-sync/core'
import type { Observer } from '../engine/index.ts'
import type { Metric } from '../output/formats/open-metrics.ts'
import { runFigures } from '../output/report/run-metrics.ts'
import { causeOf } from '../process/cause.ts'
import type { ExitCode } from '../process/exit.ts'
import type { Io } from '../process/io.ts'
import { recordFigures } from './figures.ts'
import { RunTrace } from './run-trace.ts'
import { startSdk } from './sdk.ts'

/** What a command tells of itself while it works, and at its end. */
export interface Telling {
  readonly observe: Observer
  readonly reported: (report: Report) => void
  /** Figures of an environment, once they are known. */
  readonly figures: (environment: string, figures: readonly Metric[]) => void
}

const NOTHING: Telling = {
  observe: () => undefined,
  reported: () => undefined,
  figures: () => undefined,
}

/**
 * Runs something as a trace, with its figures as metrics, where the standard variables of OpenTelemetry ask for that.
 *
 * Its SDK is loaded only then. One that is not there, or a collector that is down, changes nothing about the run.
 *
 * @param command - names the trace
 */
export async function withTelemetry(
  io: Io,
  command: 'run' | 'retry' | 'plan',
  work: (telling: Telling) => Promise<ExitCode>,
): Promise<ExitCode> {
  const sdk = await startSdk(io)
  if (sdk === null) return work(NOTHING)
  const { api } = sdk
  const trace = new RunTrace(api, command, io.env['TRACEPARENT'])
  const telling: Telling = {
    observe: (event) => trace.observe(event),
    reported: (report) => {
      trace.reported(report)
      recordFigures(api, report.environment, runFigures(report, io.now()))
    },
    figures: (environment, figures) => {
      trace.of(environment)
      recordFigures(api, environment, figures)
    },
  }
  try {
    const code = await work(telling)
    trace.end(null)
    return code
  } catch (error) {
    trace.end(causeOf(error))
    throw error
  } finally {
    await sdk.flush()
  }
}
