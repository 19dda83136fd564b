import { placeOf } from './applying.ts'
import type { Applying } from './applying.ts'
import { applyCohort, applyCohortUsers } from './cohorts/apply.ts'
import { applyAttributes } from './track/attributes.ts'
import { applyEvent, applyPurchase } from './track/events.ts'
import { applyAliasNew, applyAliasUpdate } from './users/alias.ts'
import { applyDelete } from './users/delete.ts'
import { applyIdentify } from './users/identify.ts'
import { applyMerge } from './users/merge.ts'
import type { Entry, Work } from './work.ts'

/** Writes what one accepted request asked for. The same work on the same workspace always gives the same result. */
export function apply(work: Work, applying: Applying): void {
  switch (work.kind) {
    case 'track':
      return applyTrack(work, applying)
    case 'cohort':
      return applyCohort(work, applying)
    case 'cohort_users':
      return applyCohortUsers(work, applying)
    default:
      return BODY_WORK[work.kind](work.body, applying)
  }
}

const BODY_WORK = {
  alias_new: applyAliasNew,
  alias_update: applyAliasUpdate,
  identify: applyIdentify,
  merge: applyMerge,
  delete: applyDelete,
} as const

function applyTrack(work: Work & { kind: 'track' }, applying: Applying): void {
  const steps = [
    () => each(work.attributes, 'attributes', applyAttributes, applying),
    () => each(work.events, 'events', applyEvent, applying),
    () => each(work.purchases, 'purchases', applyPurchase, applying),
  ]
  for (const step of applying.rules.arrayOrder ? steps : steps.toReversed()) step()
}

function each(entries: readonly Entry[], input: string, write: typeof applyEvent, applying: Applying): void {
  for (const [index, object] of entries) write(object, placeOf(object, input, index), applying)
}
