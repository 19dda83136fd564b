import { Planner } from '@engage-sync/core'
import type { PlanOptions, PlanSummary, SourcePosition } from '@engage-sync/core'
import type { Folded, SourceFold } from './fold-sources.ts'
import { closePartitions } from '../open-session.ts'
import type { SourceReading } from './fold-range.ts'
import type { Session } from '../session.ts'

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
  /** Where reading ended, by source. */
  readonly positions: ReadonlyMap<string, SourcePosition>
}

/** Told of what is planned. */
export interface PlanListener {
  /** Rows are told from the first one on: what was told before belonged to a cut that did not fit. */
  readonly onStart?: () => void
  /** A row that would send something. */
  readonly onRow?: PlanOptions['onRow']
}

/** How passes are planned. */
type PassOptions = Pick<PlanOptions, 'digest'> & PlanListener

/**
 * Folds and plans everything, in as few passes as fit the memory budget: one, then two, four, …
 *
 * Nothing is sent before all of it is planned, since the guards judge the whole run.
 */
export async function planPasses(session: Session, fold: SourceFold, how: PassOptions): Promise<Planned> {
  for (let passes = 1; ; passes *= 2) {
    how.onStart?.()
    await fold.restart(passes)
    const planned = await tryPasses(session, { fold, passes, how })
    if (planned !== null) return planned
    closePartitions(session.rows)
  }
}

async function tryPasses(
  session: Session,
  { fold, passes, how }: { fold: SourceFold; passes: number; how: PassOptions },
): Promise<Planned | null> {
  const { prepared, preparations, rows, nowMs } = session
  const planner = new Planner(prepared.program, { ...how, nowMs, bornNow: prepared.bornNow, unjudged: preparations.unjudged })
  const readings: SourceReading[] = []
  let deletions = 0
  let folded: Folded | null = null
  for (let number = 0; number < passes; number++) {
    folded = await fold.fold({ number, of: passes })
    if (folded === null) return null
    readings.push(...folded.readings)
    deletions += folded.forgotten.length
    for (const open of rows.partitions) if (open !== undefined) planner.plan(open)
    if (passes > 1) closePartitions(rows)
  }
  fold.addClasses()
  return {
    summary: planner.summary(),
    readings,
    passes,
    folded: passes === 1 ? folded : null,
    deletions,
    positions: fold.positionsOf(readings),
  }
}
