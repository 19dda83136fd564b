import { FALSE, MEMBER, TRUE } from '@engage-sync/core'
import type { OpenPartition } from '@engage-sync/core'
import type { StoredValue } from '../../state/values/named-value.ts'
import { unconfirmedSends } from '../../state/values/values.ts'
import type { UnconfirmedSends } from '../../state/values/values.ts'
import type { Session } from '../session.ts'
import type { ReadRange } from '../reading/ranges.ts'

/** Ends that are told apart, as many as a row has room for; more fall together. */
const MOST_ENDS = 6

/**
 * Up to which records of a stretch earlier runs may have sent what they made of it.
 *
 * Where this run begins elsewhere than they did, or reads history, that is all of them.
 */
export function unconfirmedEnds(doubt: UnconfirmedSends, stretch: Pick<ReadRange, 'source' | 'kind' | 'from'>): readonly number[] {
  const known = doubt.get(stretch.source)
  if (known === undefined || stretch.kind === 'letters') return []
  const isSame = stretch.kind === 'new' && known.isWhole === (stretch.from === null)
  return isSame ? known.ends : [Infinity]
}

type Read = readonly { readonly stretch: ReadRange; readonly decoded: number }[]

/** Says, before the first byte leaves, what a run has read: should it not end, the next one doubts just that. */
export async function recordSendStart({ options, doubt }: Session, read: Read, epoch: number): Promise<void> {
  if (options.retry !== undefined) return
  await options.store.commit({ epoch, values: [sendingOf(doubt, read)] })
}

/** What was in doubt, and what this run has read. */
function sendingOf(doubt: UnconfirmedSends, read: Read): StoredValue {
  const sources = new Map(doubt)
  for (const { stretch, decoded } of read) {
    if (stretch.kind !== 'new') continue
    const isWhole = stretch.from === null
    const before = sources.get(stretch.source)
    const ends = before !== undefined && before.isWhole === isWhole ? before.ends : []
    sources.set(stretch.source, { isWhole, ends: lastOf([...new Set([...ends, decoded])].toSorted((a, b) => a - b)) })
  }
  return unconfirmedSends.stored(sources)
}

/** What to store when the positions of these sources move: nothing of them is in doubt any more. */
export function clearedSends(doubt: UnconfirmedSends, sources: readonly string[]): StoredValue {
  return unconfirmedSends.stored(new Map([...doubt].filter(([source]) => !sources.includes(source))))
}

function lastOf(ends: readonly number[]): readonly number[] {
  return ends.length <= MOST_ENDS ? ends : [ends[0], ...ends.slice(ends.length - MOST_ENDS + 1)]
}

/** Has a segment's verdict told again as the row holds it, unless it changes in this run. */
export function retellVerdict(open: OpenPartition, row: number, column: number): void {
  if (open.pending.find(row, column) >= 0) return
  const isMember = open.rows.slots.holds(row, column, MEMBER)
  open.pending.doubt(open.propose(row, column, (isMember ? TRUE : FALSE).bytes))
}
