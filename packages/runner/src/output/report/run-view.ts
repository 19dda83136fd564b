import type { MappingPlan, NormalisedSync } from '@engage-sync/core'
import type { RunResult } from '../../engine/index.ts'
import { brazeNames } from '../../plan/braze-names.ts'
import { shareOf, viewGuard } from '../../plan/view.ts'
import type { GuardView } from '../../plan/view.ts'
import type { CiJob } from '../../process/ci-job.ts'

/** One mapping's part of a run, by what people in Braze know it by. */
export interface RunMapping extends MappingPlan {
  readonly name: string
}

/** A run as its summary tells it. */
export interface RunView {
  readonly report: RunResult['report']
  /** What was planned; of a run that is `done`, what was delivered. */
  readonly mappings: readonly RunMapping[]
  readonly guards: readonly GuardView[]
  /** Planned data points, and which share that is of what a run may use; null without that guard. */
  readonly budget: {
    readonly planned: number
    readonly most: number | null
    readonly share: number | null
  }
  /** What lets the guards pass that stopped it; null where none did. */
  readonly command: string | null
  readonly job: CiJob
}

/** What a summary is made of beside the run. */
export interface RunFacts {
  readonly syncs: readonly NormalisedSync[]
  /** Of the guard; null without one. */
  readonly maxDataPoints: number | null
  readonly command: string | null
  readonly job: CiJob
}

/** Adds a run up for its summary. */
export function viewRun(
  { report, summary }: Pick<RunResult, 'report' | 'summary'>,
  { syncs, maxDataPoints: most, command, job }: RunFacts,
): RunView {
  const nameOf = brazeNames(syncs)
  const { dataPoints: planned } = summary
  return {
    report,
    mappings: [...summary.mappings.values()].map((plan) => ({ ...plan, name: nameOf(plan.id) })),
    guards: report.guards.map((stop) =>
      viewGuard(stop, stop.subject === null ? null : nameOf(stop.subject)),
    ),
    budget: { planned, most, share: shareOf(planned, most) },
    command,
    job,
  }
}
