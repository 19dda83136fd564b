import type { SourcePosition, StateStore } from '@engage-sync/core'
import type { StoredValue } from '../../state/values/named-value.ts'
import { unconfirmedSends } from '../../state/values/values.ts'
import type { UnconfirmedSends } from '../../state/values/values.ts'

/** Ends that are told apart, as many as a row has room for; more fall together. */
const MOST_ENDS = 6

/** A part of a source that is read. */
export interface Read {
  readonly source: string
  readonly kind: 'new' | 'history' | 'deferred' | 'letters'
  /** Where reading starts; null for the beginning. */
  readonly from: SourcePosition | null
}

/**
 * Up to which records of a range earlier runs may have sent what they made of it.
 *
 * Where this run begins elsewhere than they did, or reads history, that is all of them.
 */
export function unconfirmedEnds(sends: UnconfirmedSends, read: Read): readonly number[] {
  const known = sends.get(read.source)
  if (known === undefined || read.kind === 'letters') return []
  const isSame = read.kind === 'new' && known.isWhole === (read.from === null)
  return isSame ? known.ends : [Infinity]
}

/**
 * What is known of it. Where workers went on from positions of their own, they wrote down no more
 * than those: everything after the earliest is in doubt.
 */
export async function readUnconfirmed(store: StateStore): Promise<UnconfirmedSends> {
  const sends = new Map(await unconfirmedSends.read(store))
  for (const { source } of await store.partitionPositions())
    sends.set(source, { isWhole: false, ends: [Number.MAX_SAFE_INTEGER] })
  return sends
}

/**
 * What to store before the first byte leaves: what was unconfirmed, and what this run has read.
 * Should it not end, the next one doubts just that.
 */
export function sendStart(
  sends: UnconfirmedSends,
  reads: readonly (Read & { readonly decoded: number })[],
): StoredValue {
  const sources = new Map(sends)
  for (const { source, kind, from, decoded } of reads) {
    if (kind !== 'new') continue
    const isWhole = from === null
    const before = sources.get(source)
    const ends = before !== undefined && before.isWhole === isWhole ? before.ends : []
    sources.set(source, {
      isWhole,
      ends: lastOf([...new Set([...ends, decoded])].toSorted((a, b) => a - b)),
    })
  }
  return unconfirmedSends.stored(sources)
}

/** What to store when the positions of these sources move: nothing of them is in doubt any more. */
export function clearedSends(sends: UnconfirmedSends, sources: readonly string[]): StoredValue {
  return unconfirmedSends.stored(
    new Map([...sends].filter(([source]) => !sources.includes(source))),
  )
}

function lastOf(ends: readonly number[]): readonly number[] {
  return ends.length <= MOST_ENDS ? ends : [...ends.slice(0, 1), ...ends.slice(1 - MOST_ENDS)]
}
