import type { RowAt } from '../delivery/deliver-updates.ts'
import type { AliasMerges, MergedRows } from '../aliases/merge-rows.ts'
import type { RowOutcomes } from '../delivery/row-outcomes.ts'
import type { Session } from '../session.ts'
import type { DeferredUser } from './load.ts'

/** What one pass left, neither delivered nor refused. */
export interface Unfinished {
  readonly users: readonly DeferredUser[]
  /** Nothing was left, and every cohort is there. */
  readonly isComplete: boolean
  /** Rows in memory are what the state should hold, so that snapshots may be taken of them. */
  readonly isStored: boolean
}

/** Whether users may wait on their own: a run that reads no source in order leaves everything as it found it. */
export function mayWait({ options }: Session): boolean {
  return options.retry === undefined && options.onlyUsers === null && !options.resend
}

/**
 * Takes leave of the rows of a pass that are not finished, so that the source may go on without them.
 *
 * What is pending in them is put back, and the rest written, so that what this run alone does (a mapping that changed,
 * a segment born silently) is done. Rows of an alias that is being joined hold each other's counts: they are not
 * written, and found again as they were.
 *
 * Shape: null when the source must not go on.
 */
export function suspendUnfinished(
  session: Session,
  { promoted, rows, outcomes }: { readonly promoted: AliasMerges; readonly rows: readonly RowAt[]; readonly outcomes: RowOutcomes },
): Unfinished | null {
  const unfinished = new Map(rows.map((place) => [keyOf(place), place]))
  const pairs = promoted.pairs.filter(({ user }) => unfinished.has(keyOf(user)))
  if (pairs.length > 0 && isOnceOnly(session)) return null
  const paired = new Map(pairs.flatMap(placesOf).map((place) => [keyOf(place), place]))
  const users = [...new Map([...unfinished, ...paired]).values()].map(({ open, row }) => ({
    partition: open.rows.number,
    user: open.rows.idText(row),
    doubted: outcomes.verdicts.columnsOf(open, row),
  }))
  for (const [key, { open, row }] of unfinished) if (!paired.has(key)) outcomes.suspendRow(open, row)
  return { users, isComplete: false, isStored: paired.size === 0 }
}

/** Whether this run brings rows in line in a way that no later run would, unless it is written. */
function isOnceOnly({ preparations, prepared }: Session): boolean {
  return preparations.distorts || prepared.units.some(({ id, isSegment, backfill }) => isSegment && !backfill && prepared.bornNow.has(id))
}

function placesOf({ alias, user }: MergedRows): readonly RowAt[] {
  return [alias, user]
}

function keyOf({ open, row }: RowAt): string {
  return `${open.rows.number}:${row}`
}
