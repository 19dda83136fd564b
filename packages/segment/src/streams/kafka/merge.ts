import { MessageChunk } from '../messages/index.ts'
import { behind, messagesOf } from './messages.ts'
import type { Fetched, KafkaMessage } from './messages.ts'
import type { PartitionPosition } from './position.ts'

/** What was fetched of a partition, and not given yet. */
export class FetchedMessages {
  readonly partition: number
  /** Whether the partition ended there when it was fetched, or is read no further. */
  readonly isWhole: boolean
  readonly #messages: Iterator<KafkaMessage>
  readonly #end: number
  #behind: number
  #next: KafkaMessage | null = null
  /** When the next message came, milliseconds since the epoch; never before one that stands before it. */
  came = -Infinity

  /** @param end - where the partition is read to; `Infinity` to go on */
  constructor(fetched: Fetched, { from, end }: { readonly from: number; readonly end: number }) {
    this.partition = fetched.partitionIndex
    this.#messages = messagesOf(fetched, from)[Symbol.iterator]()
    this.#end = end
    this.#behind = Math.min(end, behind(fetched, from))
    this.isWhole = this.#behind >= Math.min(end, endOf(fetched))
    this.#move()
  }

  /** The next one; null where all were given. */
  get next(): KafkaMessage | null {
    return this.#next
  }

  /** Where reading goes on. */
  get offset(): number {
    return this.#next === null ? this.#behind : this.#next.offset
  }

  take(): void {
    this.#move()
  }

  #move(): void {
    const { done, value } = this.#messages.next()
    this.#next = done === true || value.offset >= this.#end ? null : value
    if (this.#next !== null) this.came = Math.max(this.came, this.#next.time)
  }
}

/** What messages are given of, and how far. */
export interface Merging {
  /** Name of the stream in messages. */
  readonly name: string
  /** Moves with what is given. */
  readonly offsets: Map<number, PartitionPosition>
  /** A chunk, once it holds what stands before the offsets. */
  readonly take: (chunk: MessageChunk) => ReturnType<MessageChunk['take']>
}

/**
 * The messages of several partitions by the time they came, each partition in its order: what is
 * said of a user may go through several, and what a user did earlier must not come later.
 *
 * Shape: gives until one of them is used up that may hold more, and removes those that are used up.
 */
export function* mergedMessages(
  { name, offsets, take }: Merging,
  fetched: Map<number, FetchedMessages>,
): Generator<ReturnType<MessageChunk['take']>> {
  let chunk: MessageChunk | null = null
  for (let isMore = fetched.size > 0; isMore;) {
    const first = earliestOf(fetched.values())
    const next = first?.next ?? null
    if (first === null || next === null) break
    const { partition } = first
    chunk ??= new MessageChunk(`${name}, from partition ${partition}, offset ${next.offset}`)
    if (next.value !== null) chunk.add(next.value)
    first.take()
    offsets.set(partition, { offset: first.offset, time: next.time })
    if (first.next === null) fetched.delete(partition)
    isMore = fetched.size > 0 && (first.next !== null || first.isWhole)
    if (!chunk.isFull) continue
    yield take(chunk)
    chunk = null
  }
  if (chunk !== null) yield take(chunk)
}

function earliestOf(fetched: Iterable<FetchedMessages>): FetchedMessages | null {
  let earliest: FetchedMessages | null = null
  for (const one of fetched) if (earliest === null || one.came < earliest.came) earliest = one
  return earliest
}

/** Where a partition ended when it was fetched; brokers that know no transactions say it by the watermark. */
function endOf({ lastStableOffset, highWatermark }: Fetched): number {
  return Number(lastStableOffset < 0n ? highWatermark : lastStableOffset)
}
