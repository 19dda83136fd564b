import { crc32 } from 'node:zlib'
import type { PartitionImage } from '@engage-sync/core'
import { boundTo, rowsChecksum } from './checksum.ts'
import type { RowsKind } from './checksum.ts'
import { unreadable } from './errors.ts'
import { chainOf } from './place-checksums.ts'

/** Bytes of rows as a table holds them. */
export interface StoredRows {
  readonly kind: RowsKind
  readonly bytes: Uint8Array
  readonly checksum: number
  /** Of a piece of a snapshot: where it stands. Default: 0. */
  readonly number?: number
}

/** A partition as its tables hold it. */
export interface StoredPartition {
  readonly partition: number
  /** The pieces of its snapshot, if it has one, then its deltas; both in order. */
  readonly rows: readonly StoredRows[]
  /** The checksum of its place; undefined where that is missing, null in format 1, which had none. */
  readonly checksum: number | undefined | null
}

/**
 * The rows of a partition, which are those that were committed, all of them and in their order.
 *
 * @throws {StateError} `STATE_UNREADABLE`
 */
export function partitionImage({ partition, rows, checksum }: StoredPartition): PartitionImage {
  for (const { kind, bytes, checksum: stored, number = 0 } of rows) {
    // The checksums of format 1 know no place.
    const expected =
      checksum === null ? crc32(bytes) : boundTo(rowsChecksum(kind, partition, bytes), number)
    if (stored === expected) continue
    throw unreadable(
      `a ${kind} of the rows of partition ${partition} is not as it was written there`,
    )
  }
  if (checksum !== null && checksum !== chainOf(rows.map((row) => row.checksum))) {
    throw unreadable(
      `the rows of partition ${partition} are not whole: a snapshot or delta is missing, too many, or out of order`,
    )
  }
  const pieces = rows.flatMap(({ kind, bytes }) => (kind === 'snapshot' ? [bytes] : []))
  const [first = null] = pieces
  return {
    snapshot: pieces.length > 1 ? Buffer.concat(pieces) : first,
    deltas: rows.flatMap(({ kind, bytes }) => (kind === 'delta' ? [bytes] : [])),
  }
}
