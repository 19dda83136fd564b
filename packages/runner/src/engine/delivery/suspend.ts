import type { MergedRows } from '../aliases/index.ts'
import type { DeferredUser } from '../deferred/index.ts'
import type { RowAt } from './delivery-inputs.ts'
import type { RowOutcomes } from './row-outcomes.ts'

/** What one pass left, neither delivered nor refused. */
export interface Unfinished {
  readonly users: readonly DeferredUser[]
  /** Nothing was left, and every cohort is there. */
  readonly isComplete: boolean
  /** Rows in memory are what the state should hold, so that snapshots may be taken of them. */
  readonly isStored: boolean
}

/**
 * Takes leave of the rows of a pass that are not finished, so that the source may go on without
 * them.
 *
 * What is pending in them is put back, and the rest written, so that what this run alone does (a
 * mapping that changed, a segment born silently) is done. Rows of an alias that is being joined
 * hold each other's counts: they are not written, and found again as they were.
 *
 * Shape: null when the source must not go on.
 *
 * @param run - aliases joined in this pass; and whether it brings rows in line in a way that no
 *   later run would, unless
 * it is written
 */
export function suspendUnfinished(
  outcomes: RowOutcomes,
  rows: readonly RowAt[],
  run: { readonly pairs: readonly MergedRows[]; readonly isOnceOnly: boolean },
): Unfinished | null {
  const unfinished = new Map(rows.map((place) => [keyOf(place), place]))
  const pairs = run.pairs.filter(({ user }) => unfinished.has(keyOf(user)))
  if (pairs.length > 0 && run.isOnceOnly) return null
  const paired = new Map(
    pairs
      .flatMap(({ alias, user, handover }) => (handover === undefined ? [alias, user] : [user]))
      .map((place) => [keyOf(place), place]),
  )
  const users = [...new Map([...unfinished, ...paired])].map(([key, place]) =>
    deferredUser(outcomes, place, paired.has(key)),
  )
  for (const [key, { open, row }] of unfinished)
    if (!paired.has(key)) outcomes.suspendRow(open, row)
  return { users, isComplete: false, isStored: paired.size === 0 }
}

/**
 * What was an alias's may have been sent to its user, and the next run finds both as they were: any
 * value is in doubt.
 */
function deferredUser(
  { unanswered }: RowOutcomes,
  { open, row }: RowAt,
  isPaired: boolean,
): DeferredUser {
  const { verdicts, values } = unanswered.takeColumns(open, row)
  return {
    partition: open.rows.number,
    user: open.rows.idText(row),
    doubted: verdicts,
    unanswered: isPaired ? null : values,
  }
}

function keyOf({ open, row }: RowAt): string {
  return `${open.rows.number}:${row}`
}
