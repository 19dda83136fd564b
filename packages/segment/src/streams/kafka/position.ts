import { isDeepStrictEqual } from 'node:util'
import type { SourcePosition } from '@engage-sync/contract'
import { badPosition } from '../../source/index.ts'

/** How far a partition was read. */
export interface PartitionPosition {
  /** The next offset to read. */
  readonly offset: number
  /** Of the last message that was read, milliseconds since the epoch. */
  readonly time: number
}

/** By partition. */
export type Offsets = ReadonlyMap<number, PartitionPosition>

/** Which topic is read: another one has offsets of its own. */
export interface KafkaPlace {
  readonly topic: string
  /** Null where brokers do not say. */
  readonly cluster: string | null
  /** Of the topic, which has another one when it is made anew. Null of brokers before 2.8. */
  readonly id: string | null
}

/** How far a topic was read. */
export interface KafkaPosition {
  readonly offsets: Offsets
  /** Whose offsets these are. Null in those of former versions: of whatever is read. */
  readonly of: KafkaPlace | null
}

/** Before all messages, of whatever topic. */
const BEGINNING: KafkaPosition = { offsets: new Map(), of: null }

/** @throws {SourceError} `SOURCE_POSITION` for one of another kind of source */
export function readKafkaPosition(position: SourcePosition | null, name: string): KafkaPosition {
  if (position === null) return BEGINNING
  const { partitions, of = null } = position as {
    readonly partitions?: Readonly<Record<string, unknown>>
    readonly of?: KafkaPlace
  }
  if (typeof partitions !== 'object' || partitions === null) throw badPosition(name)
  const offsets = Object.entries(partitions).map(([partition, at]) => {
    const [offset, time] = Array.isArray(at) ? (at as unknown[]).map(Number) : []
    if (!Number.isSafeInteger(offset) || !Number.isFinite(time)) throw badPosition(name)
    return [Number(partition), { offset, time } as PartitionPosition] as const
  })
  return { offsets: new Map(offsets), of }
}

/** As it is stored. */
export function storedKafkaPosition({ offsets, of }: KafkaPosition): SourcePosition {
  const partitions = Object.fromEntries(
    [...offsets].map(([partition, { offset, time }]) => [String(partition), [offset, time]]),
  )
  return { partitions, ...(of !== null && { of: { ...of } }) }
}

/**
 * By partition the lowest; one that some did not read at all is read from its beginning, and so are
 * all, where they are not all of one topic.
 */
export function earliestKafkaPosition(
  positions: readonly SourcePosition[],
  name: string,
): SourcePosition {
  const read = positions.map((position) => readKafkaPosition(position, name))
  const places = read.flatMap(({ of }) => of ?? [])
  if (!places.every((place) => isDeepStrictEqual(place, places[0])))
    return storedKafkaPosition(BEGINNING)
  const [first = BEGINNING, ...others] = read
  const lowest = new Map(first.offsets)
  for (const { offsets } of others)
    for (const [partition, at] of lowest) {
      const theirs = offsets.get(partition)
      if (theirs === undefined) lowest.delete(partition)
      else if (theirs.offset < at.offset) lowest.set(partition, theirs)
    }
  return storedKafkaPosition({ offsets: lowest, of: lowest.size === 0 ? null : first.of })
}

/** In words, what a position counted that is not what is read now; null where it is. */
export function leftTopic(of: KafkaPlace | null, place: KafkaPlace): string | null {
  if (of === null) return null
  if (of.topic !== place.topic)
    return `What was read before was topic ${of.topic}: what it held and was not read is not here.`
  const differs = (one: string | null, other: string | null) =>
    one !== null && other !== null && one !== other
  if (differs(of.id, place.id) || differs(of.cluster, place.cluster))
    return `Topic ${of.topic} was made anew, or is another cluster's: what it held before and was not read is gone.`
  return null
}
