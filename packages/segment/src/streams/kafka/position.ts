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
export type KafkaPosition = ReadonlyMap<number, PartitionPosition>

/** @throws {SourceError} `SOURCE_POSITION` for one of another kind of source */
export function readKafkaPosition(position: SourcePosition | null, name: string): KafkaPosition {
  if (position === null) return new Map()
  const { partitions } = position as { readonly partitions?: Readonly<Record<string, unknown>> }
  if (typeof partitions !== 'object' || partitions === null) throw badPosition(name)
  return new Map(
    Object.entries(partitions).map(([partition, at]) => {
      const [offset, time] = Array.isArray(at) ? (at as unknown[]).map(Number) : []
      if (!Number.isSafeInteger(offset) || !Number.isFinite(time)) throw badPosition(name)
      return [Number(partition), { offset, time } as PartitionPosition]
    }),
  )
}

/** As it is stored. */
export function storedKafkaPosition(position: KafkaPosition): SourcePosition {
  return {
    partitions: Object.fromEntries(
      [...position].map(([partition, { offset, time }]) => [String(partition), [offset, time]]),
    ),
  }
}

/** By partition the lowest; one that some did not read at all is read from its beginning. */
export function earliestKafkaPosition(
  positions: readonly SourcePosition[],
  name: string,
): SourcePosition {
  const [first, ...others] = positions.map((position) => readKafkaPosition(position, name))
  const lowest = new Map(first)
  for (const other of others)
    for (const [partition, at] of lowest) {
      const theirs = other.get(partition)
      if (theirs === undefined) lowest.delete(partition)
      else if (theirs.offset < at.offset) lowest.set(partition, theirs)
    }
  return storedKafkaPosition(lowest)
}
