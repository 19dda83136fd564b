import type { PartitionImage } from '@engage-sync/core'
import { BOUND_FORMAT, PIECES_FORMAT } from '../format/migrations.ts'
import { partitionImage } from '../format/partition-image.ts'
import { pieceNumber } from '../format/pieces.ts'
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
  // One statement, so that all are of the same instant.
  const found = connection.all(
    `${snapshotQuery(format)}
     UNION ALL SELECT 2, id, 0, checksum, bytes FROM deltas WHERE partition = ?1
     ${isBound ? `UNION ALL SELECT 3, 0, 0, checksum, NULL FROM checksums WHERE place = '${partitionPlace(partition)}'` : ''}
     ORDER BY kind, id`,
    partition,
  )
  const rows = found.flatMap(({ kind, number, bytes, checksum }) =>
    bytes === null
      ? []
      : [
          {
            kind: Number(kind) < 2 ? ('snapshot' as const) : ('delta' as const),
            bytes: bytes as Uint8Array,
            checksum: Number(checksum),
            number: Number(number),
          },
        ],
  )
  const stored = found.find(({ bytes }) => bytes === null)
  const checksum = stored === undefined ? undefined : Number(stored['checksum'])
  return partitionImage({ partition, rows, checksum: isBound ? checksum : null })
}

/** The pieces of a partition's snapshot. */
function snapshotQuery(format: number): string {
  const first = (number: string) =>
    `SELECT 0 AS kind, 0 AS id, ${number} AS number, checksum, bytes FROM snapshots WHERE partition = ?1`
  if (format < PIECES_FORMAT) return first('0')
  const numberOf = (piece: string) =>
    `generation * ${pieceNumber({ generation: 1, piece: 0 })} + ${piece}`
  return `${first(numberOf('0'))}
    UNION ALL SELECT 1, piece, ${numberOf('piece')}, checksum, bytes FROM pieces
    WHERE partition = ?1 AND generation = (SELECT generation FROM snapshots WHERE partition = ?1)`
}

/** Bytes of each partition's rows. */
export function findSizes(connection: SqliteConnection, format: number): RowSizes {
  const pieces = `UNION ALL SELECT partition, 0, length(pieces.bytes) FROM pieces JOIN snapshots USING (partition, generation)`
  return sizesOf(
    connection
      .all(
        `SELECT partition, 0 AS id, length(bytes) AS bytes FROM snapshots
         ${format < PIECES_FORMAT ? '' : pieces}
         UNION ALL SELECT partition, id, length(bytes) FROM deltas ORDER BY partition, id`,
      )
      .map(({ partition, id, bytes }) => ({
        partition: Number(partition),
        isDelta: Number(id) > 0,
        bytes: Number(bytes),
      })),
  )
}
