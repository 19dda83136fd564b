import { MessageChunk } from '../messages/index.ts'
import { firstOffsets, offsetsAt } from './client.ts'
import type { OpenTopic } from './client.ts'
import { placeOf } from './fetch.ts'
import { leftTopic } from './position.ts'
import type { KafkaPlace, KafkaPosition, PartitionPosition } from './position.ts'

/** Where each partition is read from. */
export interface Start {
  readonly offsets: Map<number, PartitionPosition>
  /** The first offset that is there, by partition. */
  readonly firsts: readonly bigint[]
  readonly of: KafkaPlace
  /** Tells of what is not there any more; null where nothing is known to be. */
  readonly gone: MessageChunk | null
}

/**
 * Looks where reading can begin: retention may have passed a position, a topic that lost its newest
 * messages ends before it, and one that was made anew is read from its beginning.
 *
 * @param ends - offsets behind the last ones
 */
export async function startOf(
  open: OpenTopic,
  position: KafkaPosition,
  ends: readonly bigint[],
): Promise<Start> {
  const firsts = await firstOffsets(open)
  const of = await placeOf(open)
  const left = leftTopic(position.of, of)
  const offsets = new Map<number, PartitionPosition>()
  let gone = left === null ? null : new MessageChunk(`topic ${open.topic}`)
  gone?.reject('SOURCE_GONE', left ?? '')
  for (const [partition, end] of ends.entries()) {
    const first = Number(firsts[partition] ?? 0n)
    const known = left === null ? position.offsets.get(partition) : undefined
    if (known === undefined) {
      offsets.set(partition, { offset: first, time: 0 })
      continue
    }
    const isRewound = known.offset > Number(end)
    if (isRewound || known.offset < first) {
      gone ??= new MessageChunk(`topic ${open.topic}, partition ${partition}`)
      gone.reject('SOURCE_GONE', isRewound ? REWOUND : passed(first - known.offset))
    }
    const offset = isRewound ? await againFrom(open, { partition, known, first }) : known.offset
    offsets.set(partition, { offset: Math.max(offset, first), time: known.time })
  }
  return { offsets, firsts, of, gone }
}

const REWOUND =
  'The partition ends before what was read of it: its broker lost what it had, or the topic was made anew.'

function passed(missing: number): string {
  return `The retention of the topic removed ${missing} messages before they were read.`
}

interface Rewound {
  readonly partition: number
  readonly known: PartitionPosition
  readonly first: number
}

async function againFrom(open: OpenTopic, { partition, known, first }: Rewound): Promise<number> {
  const offsets = await offsetsAt(open, BigInt(Math.trunc(known.time)))
  const found = Number(offsets[partition] ?? -1n)
  return found < 0 ? first : found
}
