import { MessageChunk } from '../messages/index.ts'
import { firstOffsets, offsetsAt } from './client.ts'
import type { OpenTopic } from './client.ts'
import type { KafkaPosition, PartitionPosition } from './position.ts'

/** Where each partition is read from. */
export interface Start {
  readonly positions: Map<number, PartitionPosition>
  /** Tells of what is not there any more; null where nothing is known to be. */
  readonly gone: MessageChunk | null
}

/**
 * Looks where reading can begin: retention may have passed a position, and a topic that was made anew,
 * or lost its newest messages, ends before it.
 *
 * @param ends - offsets behind the last ones
 */
export async function startOf(
  open: OpenTopic,
  position: KafkaPosition,
  ends: readonly bigint[],
): Promise<Start> {
  const firsts = await firstOffsets(open)
  const positions = new Map<number, PartitionPosition>()
  let gone: MessageChunk | null = null
  for (const [partition, end] of ends.entries()) {
    const first = Number(firsts[partition] ?? 0n)
    const known = position.get(partition)
    if (known === undefined) {
      positions.set(partition, { offset: first, time: 0 })
      continue
    }
    const isRewound = known.offset > Number(end)
    if (isRewound || known.offset < first) {
      gone ??= new MessageChunk(`topic ${open.topic}, partition ${partition}`)
      gone.reject('SOURCE_GONE', isRewound ? REWOUND : passed(first - known.offset))
    }
    const offset = isRewound ? await againFrom(open, { partition, known, first }) : known.offset
    positions.set(partition, { offset: Math.max(offset, first), time: known.time })
  }
  return { positions, gone }
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
