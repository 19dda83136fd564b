import type { FoldProgram } from '../fold/program.ts'
import type { RowPlace } from '../rows/pending/open-partition.ts'
import { buildRowUpdate } from './build-update.ts'
import type { PendingOutput } from './build-update.ts'
import type { RowEvents } from './settle-row.ts'

/**
 * What a pending entry says to the destination, as texts that are equal where the destination is
 * told the same, whichever mapping does it: one for an attribute or a membership, one an event.
 */
export function partsOf(
  program: FoldProgram,
  { open, row }: RowPlace,
  { pending, events }: { readonly pending: PendingOutput; readonly events: RowEvents },
): readonly string[] {
  const update = buildRowUpdate({ program, open, row, events, entries: [pending] })
  return [
    ...(update.attributes === null ? [] : [update.attributes]),
    ...update.events.map(({ members }) => members),
    ...update.memberships.map(({ cohortId, member }) => `${cohortId}\u0000${member}`),
  ]
}
