import type { Consumer } from '@platformatic/kafka'

type Answer = Awaited<ReturnType<Consumer['fetch']>>

/** What was fetched of a partition. */
export type Fetched = Answer['responses'][number]['partitions'][number]

/** A message of a topic. */
export interface KafkaMessage {
  readonly offset: number
  /** Milliseconds since the epoch. */
  readonly time: number
  /** null for one that only marks a key as gone. */
  readonly value: Uint8Array | null
}

const IS_TRANSACTIONAL = 0x10
const IS_CONTROL = 0x20

/**
 * The messages of a fetched partition from an offset on, but those of transactions that were given
 * up.
 *
 * Shape: in order; brokers give whole batches, so what stands before the offset is passed over.
 *
 * @see https://kafka.apache.org/documentation/#recordbatch
 */
export function* messagesOf(
  { records, abortedTransactions }: Fetched,
  from: number,
): Iterable<KafkaMessage> {
  const aborted = [...(abortedTransactions ?? [])]
  const givenUp = new Set<bigint>()
  for (const batch of records ?? []) {
    const first = Number(batch.firstOffset)
    for (const { producerId, firstOffset } of aborted)
      if (Number(firstOffset) <= first) givenUp.add(producerId)
    if ((batch.attributes & IS_CONTROL) !== 0) {
      // What ends a transaction.
      givenUp.delete(batch.producerId)
      removeFirst(aborted, batch.producerId)
      continue
    }
    const isTransactional = (batch.attributes & IS_TRANSACTIONAL) !== 0
    if (isTransactional && givenUp.has(batch.producerId)) continue
    for (const { offsetDelta, timestampDelta, value } of batch.records) {
      const offset = first + offsetDelta
      if (offset >= from)
        yield { offset, time: Number(batch.firstTimestamp + timestampDelta), value }
    }
  }
}

/** The offset behind all that was fetched: batches may end in what is no message. */
export function behind({ records }: Fetched, from: number): number {
  const last = records?.at(-1)
  return last === undefined
    ? from
    : Math.max(from, Number(last.firstOffset) + last.lastOffsetDelta + 1)
}

function removeFirst(aborted: { readonly producerId: bigint }[], producerId: bigint): void {
  const at = aborted.findIndex((one) => one.producerId === producerId)
  if (at >= 0) aborted.splice(at, 1)
}
