import {
  blankColumn,
  EXTERNAL_ID,
  mergeAlias,
  openImage,
  takeOutAlias,
  userKey,
} from '@engage-sync/core'
import type { RowPlace, RunProgram } from '@engage-sync/core'
import type { Handover } from '../../state/values/handovers.ts'
import type { Partitions } from '../partitions/index.ts'
import type { AliasMerge, MergedRows, OpenHandover } from './merged-rows.ts'
import { markPromotedTo } from './promoted-rows.ts'

/** An alias whose row goes to whoever has its user's; both become durable together. */
export interface HandedAlias {
  readonly alias: RowPlace
  readonly handover: Handover
}

/** Whom an alias turned out to be, where the user's row is somebody else's. */
export interface ForeignUser {
  /** The external id. */
  readonly text: string
  readonly partition: number
  /** How Braze is told, if it knows the alias; null where it was told before. */
  readonly how: AliasMerge['how'] | null
}

/** Takes an alias's row out, as the user's owner is to find it, and promotes the alias. */
export function handOver(alias: RowPlace, user: ForeignUser): HandedAlias {
  const { open, row } = alias
  const handover = {
    to: user.partition,
    from: open.rows.number,
    user: user.text,
    alias: open.rows.idText(row),
    how: open.rows.flags.isCreated(row) ? user.how : null,
    image: takeOutAlias(alias),
    taken: [],
  }
  markPromotedTo(alias, user.text)
  return { alias, handover }
}

/**
 * Merges what was handed over into the rows of its user, as if the alias's row were here: each as a
 * guest in a partition of its own, which nobody writes.
 */
export async function takeHandovers(
  partitions: Partitions,
  program: RunProgram,
  handovers: readonly OpenHandover[],
): Promise<{ readonly pairs: readonly MergedRows[]; readonly promotions: readonly AliasMerge[] }> {
  const pairs: MergedRows[] = []
  const promotions: AliasMerge[] = []
  for (const stored of handovers) {
    const { to, how, user: text } = stored.handover
    const open = await partitions.open(to)
    const user = { open, row: open.findOrAdd(userKey(EXTERNAL_ID, text)) }
    const alias = guestOf(partitions, stored)
    mergeAlias(program, alias, user)
    pairs.push({ alias, user, handover: stored })
    if (how !== null) promotions.push({ alias, user, how })
  }
  return { pairs, promotions }
}

function guestOf(
  { rows: { layout } }: Partitions,
  { handover: { from, image, taken }, isInDoubt }: OpenHandover,
): RowPlace {
  const guest = openImage(from, layout, image)
  for (const column of taken) blankColumn(guest, column)
  const { pending } = guest.open
  if (isInDoubt)
    for (let entry = pending.first(0); entry >= 0; entry = pending.after(entry))
      if (!pending.isEvent(entry)) pending.doubt(entry)
  return guest
}
