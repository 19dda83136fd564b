import type { PartitionImage } from '@engage-sync/core'
import { BOUND_FORMAT } from '../format/migrations.ts'
import { partitionImage } from '../format/partition-image.ts'
import { partitionPlace } from '../format/place-checksums.ts'
import { sizesOf } from '../format/row-sizes.ts'
import type { RowSizes } from '../format/row-sizes.ts'
import type { SqliteConnection } from './connection.ts'

/**
 * The rows of a partition, which are those that were committed, all of them and in their order.
 *
 * @throws {StateError} `STATE_UNREADABLE`
 */
export function loadRows(
  connection: SqliteConnection,
  partition: number,
  format: number,
): PartitionImage {
  const isBound = format >= BOUND_FORMAT
  const place = `UNION ALL SELECT 2, 0, checksum, NULL FROM checksums WHERE place = '${partitionPlace(partition)}'`
  // One statement, so that both are of the same instant.
  const found = connection.all(
    `SELECT 0 AS kind, 0 AS id, checksum, bytes FROM snapshots WHERE partition = ?1
     UNION ALL SELECT 1, id, checksum, bytes FROM deltas WHERE partition = ?1
     ${isBound ? place : ''} ORDER BY kind, id`,
    partition,
  )
  const rows = found.flatMap(({ kind, bytes, checksum }) =>
    bytes === null
      ? []
      : [
          {
            kind: kind === 0 ? ('snapshot' as const) : ('delta' as const),
            bytes: bytes as Uint8Array,
            checksum: Number(checksum),
          },
        ],
  )
  const stored = found.find(({ bytes }) => bytes === null)
  const checksum = stored === undefined ? undefined : Number(stored['checksum'])
  return partitionImage({ partition, rows, checksum: isBound ? checksum : null })
}

/** Bytes of each partition's rows. */
export function findSizes(connection: SqliteConnection): RowSizes {
  return sizesOf(
    connection
      .all(
        `SELECT partition, 0 AS id, length(bytes) AS bytes FROM snapshots
         UNION ALL SELECT partition, id, length(bytes) FROM deltas ORDER BY partition, id`,
      )
      .map(({ partition, id, bytes }) => ({
        partition: Number(partition),
        isDelta: Number(id) > 0,
        bytes: Number(bytes),
      })),
  )
}
