import { rowsChecksum } from './checksum.ts'
import { unreadable } from './errors.ts'
import type { ChecksumChanges } from './place-checksums.ts'

/** A delta as a table holds it. */
export interface StoredDelta {
  readonly id: number
  readonly checksum: number
  readonly bytes: Uint8Array
}

/** One delta in the place of several: that of the last, which is changed. The others go. */
export interface MergedDelta extends StoredDelta {
  readonly partition: number
  /** Of those that go. */
  readonly gone: readonly number[]
}

/**
 * Makes one delta of the newest ones of a partition, and notes what that does to its checksum. Null
 * where there are not several.
 *
 * @param deltas - oldest first; the newest that the partition has
 * @throws {StateError} `STATE_UNREADABLE` where one of them is not as it was written
 */
export function mergeDeltas(
  partition: number,
  deltas: readonly StoredDelta[],
  changes: ChecksumChanges,
): MergedDelta | null {
  const last = deltas.at(-1)
  if (last === undefined || deltas.length < 2) return null
  for (const { bytes, checksum } of deltas)
    if (checksum !== rowsChecksum('delta', partition, bytes))
      throw unreadable(
        `a delta of the rows of partition ${partition} is not as it was written there`,
      )
  const bytes = Buffer.concat(deltas.map((delta) => delta.bytes))
  const checksum = rowsChecksum('delta', partition, bytes)
  changes.merge(
    partition,
    deltas.map((delta) => delta.checksum),
    checksum,
  )
  return { partition, id: last.id, gone: deltas.slice(0, -1).map(({ id }) => id), checksum, bytes }
}
