import { setImmediate } from 'node:timers/promises'
import { rejectedOf } from '@engage-sync/core'
import type {
  Planner,
  PlanOptions,
  PlanSummary,
  RejectedCount,
  SourcePosition,
} from '@engage-sync/core'
import type { Partitions } from '../partitions/index.ts'
import type { Folded } from './fold-inputs.ts'
import type { SourceFold } from './fold-sources.ts'
import type { SourceReading } from './range-folder.ts'

/** What folding and planning gave. */
export interface Planned {
  readonly summary: PlanSummary
  readonly readings: readonly SourceReading[]
  /** How many passes the source has to be read in. */
  readonly passes: number
  /** Of a single pass: its rows are open, and ready to be delivered. */
  readonly folded: Folded | null
  /** Users to be forgotten. */
  readonly deletions: number
  readonly rejected: RejectedCount
  /** Where reading ended, by source. */
  readonly positions: ReadonlyMap<string, SourcePosition>
}

/** Told of what is planned. */
export interface PlanListener {
  /**
   * Rows are told from the first one on: what was told before belonged to a cut that did not fit.
   */
  readonly onStart?: () => void
  /** A row that would send something. */
  readonly onRow?: PlanOptions['onRow']
}

/**
 * A planner of the run's rows, from the first one on. @param digest - whether the updates' digest
 * is wanted
 */
export type CreatePlanner = (told: Pick<PlanOptions, 'digest' | 'onRow'>) => Planner

/**
 * Folds and plans everything, in as few passes as fit the memory budget: one, then two, four, …
 *
 * Nothing is sent before all of it is planned, since the guards judge the whole run.
 */
export async function planPasses(
  fold: SourceFold,
  partitions: Partitions,
  {
    createPlanner,
    digest,
    onStart,
    onRow,
  }: { readonly createPlanner: CreatePlanner; readonly digest: boolean } & PlanListener,
): Promise<Planned> {
  for (let passes = 1; ; passes *= 2) {
    onStart?.()
    await fold.restart(passes)
    const planned = await tryPasses(fold, partitions, {
      planner: createPlanner({ digest, onRow }),
      passes,
    })
    if (planned !== null) return planned
    partitions.close()
  }
}

async function tryPasses(
  fold: SourceFold,
  partitions: Partitions,
  { planner, passes }: { readonly planner: Planner; readonly passes: number },
): Promise<Planned | null> {
  const readings: SourceReading[] = []
  let deletions = 0
  let folded: Folded | null = null
  for (let number = 0; number < passes; number++) {
    folded = await fold.fold({ number, of: passes })
    if (folded === null) return null
    readings.push(...folded.readings)
    deletions += folded.forgotten.length
    for (const open of partitions.rows.partitions) {
      if (open === undefined) continue
      planner.plan(open)
      // Of millions of users that takes long: whoever has to say that this process is there, may.
      await setImmediate()
    }
    if (passes > 1) partitions.close()
  }
  fold.addClasses()
  return {
    summary: planner.summary(),
    readings,
    passes,
    folded: passes === 1 ? folded : null,
    deletions,
    rejected: rejectedOf(readings.map(({ folder }) => folder.totals)),
    positions: fold.positionsOf(readings),
  }
}
