import { FALSE, MEMBER, TRUE } from '@engage-sync/core'
import type { Json, OpenPartition, StateStore } from '@engage-sync/core'
import type { Session } from '../session.ts'
import type { ReadRange } from '../reading/ranges.ts'

/** Key of what runs began to send since positions moved last. */
const SENDING = 'sending'
/** Ends that are told apart, as many as a row has room for; more fall together. */
const MOST_ENDS = 6

/** What runs that did not end had read of a source when they began to send. */
interface UnconfirmedReads {
  /** They read from the beginning, not from the saved position. */
  readonly isWhole: boolean
  /** How many records each had read, ascending. */
  readonly ends: readonly number[]
}

/** By source. Braze may hold what those runs made of these records, though nothing of it is known to be delivered. */
export type UnconfirmedSends = ReadonlyMap<string, UnconfirmedReads>

/** What earlier runs left in doubt. */
export async function loadUnconfirmedSends(store: StateStore): Promise<UnconfirmedSends> {
  const stored = (await store.values(SENDING)).get(SENDING) as Readonly<Record<string, UnconfirmedReads>> | undefined
  return new Map(Object.entries(stored ?? {}))
}

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
function sendingOf(doubt: UnconfirmedSends, read: Read): { readonly key: string; readonly value: Json } {
  const sources = new Map(doubt)
  for (const { stretch, decoded } of read) {
    if (stretch.kind !== 'new') continue
    const isWhole = stretch.from === null
    const before = sources.get(stretch.source)
    const ends = before !== undefined && before.isWhole === isWhole ? before.ends : []
    sources.set(stretch.source, { isWhole, ends: lastOf([...new Set([...ends, decoded])].toSorted((a, b) => a - b)) })
  }
  return valueOf(sources)
}

/** What to store when the positions of these sources move: nothing of them is in doubt any more. */
export function clearedSends(doubt: UnconfirmedSends, sources: readonly string[]): { readonly key: string; readonly value: Json } {
  return valueOf(new Map([...doubt].filter(([source]) => !sources.includes(source))))
}

function valueOf(doubt: UnconfirmedSends): { readonly key: string; readonly value: Json } {
  return { key: SENDING, value: doubt.size === 0 ? null : (Object.fromEntries(doubt) as unknown as Json) }
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
