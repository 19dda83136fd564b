import { applyCohort, applyCohortUsers } from '../cohorts/index.ts'
import { positionOf } from '../model/index.ts'
import type { Entry, Work, WriteContext } from '../model/index.ts'
import { applyAttributes, applyEvent, applyPurchase } from '../track/index.ts'
import {
  applyAliasNew,
  applyAliasUpdate,
  applyDelete,
  applyIdentify,
  applyMerge,
  applyRemove,
  applyRename,
  applySubscriptions,
} from '../users/index.ts'

/**
 * Writes what one accepted request asked for. The same work on the same workspace always gives the
 * same result.
 */
export function apply(work: Work, context: WriteContext): void {
  switch (work.kind) {
    case 'track':
      return applyTrack(work, context)
    case 'cohort':
      return applyCohort(work, context)
    case 'cohort_users':
      return applyCohortUsers(work, context)
    default:
      return BODY_WORK[work.kind](work.body, context)
  }
}

const BODY_WORK = {
  alias_new: applyAliasNew,
  alias_update: applyAliasUpdate,
  identify: applyIdentify,
  merge: applyMerge,
  delete: applyDelete,
  external_ids_rename: applyRename,
  external_ids_remove: applyRemove,
  subscriptions: applySubscriptions,
} as const

function applyTrack(work: Work & { kind: 'track' }, context: WriteContext): void {
  const steps = [
    () => each(work.attributes, { input: 'attributes', write: applyAttributes }, context),
    () => each(work.events, { input: 'events', write: applyEvent }, context),
    () => each(work.purchases, { input: 'purchases', write: applyPurchase }, context),
  ]
  for (const step of context.rules.arrayOrder ? steps : steps.toReversed()) step()
}

function each(
  entries: readonly Entry[],
  { input, write }: { readonly input: string; readonly write: typeof applyEvent },
  context: WriteContext,
): void {
  for (const [index, object] of entries) write(object, positionOf(object, input, index), context)
}
