import { expect, it } from 'vitest'
import { behind, messagesOf } from '../../../src/streams/kafka/messages.ts'
import type { Fetched } from '../../../src/streams/kafka/messages.ts'

const TRANSACTIONAL = 0x10
const CONTROL = 0x30

/** A fetched partition of batches of one message each, at offsets 0, 1, 2 … */
function fetched(
  batches: readonly { readonly attributes?: number; readonly producerId?: bigint }[],
  aborted: readonly { readonly producerId: bigint; readonly firstOffset: bigint }[] = [],
): Fetched {
  const records = batches.map(({ attributes = 0, producerId = -1n }, at) => ({
    firstOffset: BigInt(at),
    lastOffsetDelta: 0,
    firstTimestamp: 1000n,
    attributes,
    producerId,
    records: [{ offsetDelta: 0, timestampDelta: BigInt(at), value: Buffer.from(String(at)) }],
  }))
  return { records, abortedTransactions: [...aborted] } as unknown as Fetched
}

const offsets = (partition: Fetched, from = 0) =>
  [...messagesOf(partition, from)].map(({ offset }) => offset)

it('gives messages from an offset on, with their times', () => {
  const three = fetched([{}, {}, {}])

  expect(offsets(three, 1)).toEqual([1, 2])
  expect([...messagesOf(three, 2)]).toMatchObject([{ offset: 2, time: 1002 }])
  expect(behind(three, 1)).toBe(3)
  expect(behind(fetched([]), 7)).toBe(7)
})

it('passes over transactions that were given up, and what ends one', () => {
  const mine = { attributes: TRANSACTIONAL, producerId: 1n }
  const theirs = { attributes: TRANSACTIONAL, producerId: 2n }
  const end = { attributes: CONTROL, producerId: 1n }

  const partition = fetched([mine, theirs, end, mine, end], [{ producerId: 1n, firstOffset: 0n }])

  expect(offsets(partition)).toEqual([1, 3])
  expect(behind(partition, 0)).toBe(5)
})
