import type { CommitGroup, PartitionImage } from '@engage-sync/core'
import type { StoredDelta } from '../format/merge-deltas.ts'
import { BOUND_FORMAT, PIECES_FORMAT } from '../format/migrations.ts'
import { partitionImage } from '../format/partition-image.ts'
import { pieceNumber } from '../format/pieces.ts'
import { partitionPlace } from '../format/place-checksums.ts'
import { sizesOf } from '../format/row-sizes.ts'
import type { RowSizes } from '../format/row-sizes.ts'
import type { PostgresConnection } from './connection/index.ts'

/** Where to load from. */
export interface RowsPlace {
  /** Quoted, as it stands in statements. */
  readonly schema: string
  readonly format: number
}

/**
 * The rows of a partition, which are those that were committed, all of them and in their order.
 *
 * @throws {StateError} `STATE_UNREADABLE`
 */
export async function loadRows(
  connection: PostgresConnection,
  partition: number,
  { schema, format }: RowsPlace,
): Promise<PartitionImage> {
  const number = Math.trunc(partition)
  const isBound = format >= BOUND_FORMAT
  const place = `UNION ALL SELECT 3, 0, 0, checksum, NULL FROM ${schema}.checksums WHERE place = '${partitionPlace(number)}'`
  // One statement, so that all are of the same instant.
  const found = await connection.copy(
    `SELECT kind, number, checksum, bytes FROM (
       ${snapshotQuery(number, { schema, format })}
       UNION ALL SELECT 2, id, 0::bigint, checksum, bytes FROM ${schema}.deltas WHERE partition = ${number}
       ${isBound ? place : ''}
     ) AS pieces ORDER BY kind, id`,
  )
  const rows = found.flatMap(([kind, at, checksum, bytes]) =>
    bytes === null
      ? []
      : [
          {
            kind: integerOf(kind!) < 2 ? ('snapshot' as const) : ('delta' as const),
            bytes: bytes!,
            checksum: integerOf(checksum!),
            number: integerOf(at!),
          },
        ],
  )
  const stored = found.find(([, , , bytes]) => bytes === null)
  const checksum = stored === undefined ? undefined : integerOf(stored[2]!)
  return partitionImage({ partition, rows, checksum: isBound ? checksum : null })
}

/** The pieces of a partition's snapshot. */
function snapshotQuery(partition: number, { schema, format }: RowsPlace): string {
  const first = (number: string) =>
    `SELECT 0 AS kind, 0::bigint AS id, ${number}::bigint AS number, checksum, bytes FROM ${schema}.snapshots WHERE partition = ${partition}`
  if (format < PIECES_FORMAT) return first('0')
  const numberOf = (piece: string) =>
    `(generation * ${pieceNumber({ generation: 1, piece: 0 })} + ${piece})`
  return `${first(numberOf('0'))}
    UNION ALL SELECT 1, piece, ${numberOf('piece')}, checksum, bytes FROM ${schema}.pieces
    WHERE partition = ${partition} AND generation = (SELECT generation FROM ${schema}.snapshots WHERE partition = ${partition})`
}

/** Bytes of each partition's rows. */
export async function findSizes(
  connection: PostgresConnection,
  { schema, format }: RowsPlace,
): Promise<RowSizes> {
  const pieces = `UNION ALL SELECT partition, false, octet_length(pieces.bytes), 0
    FROM ${schema}.pieces JOIN ${schema}.snapshots USING (partition, generation)`
  const rows = await connection.repeatable<{ partition: number; isDelta: boolean; bytes: number }>({
    text: `SELECT partition, false AS "isDelta", octet_length(bytes) AS bytes, 0 AS id FROM ${schema}.snapshots
      ${format < PIECES_FORMAT ? '' : pieces}
      UNION ALL SELECT partition, true, octet_length(bytes), id FROM ${schema}.deltas ORDER BY partition, id`,
  })
  return sizesOf(rows)
}

/**
 * The newest deltas of partitions in which some are to be merged, oldest first: as many as are
 * merged. For work that has its turn already.
 */
export async function newestDeltas(
  connection: PostgresConnection,
  schema: string,
  merges: NonNullable<CommitGroup['merges']>,
): Promise<ReadonlyMap<number, readonly StoredDelta[]>> {
  if (merges.length === 0) return new Map()
  const rows = await connection.repeatableNow<StoredDelta & { readonly partition: number }>({
    text: `SELECT given.partition, newest.* FROM unnest($1::int[], $2::int[]) AS given(partition, count)
      CROSS JOIN LATERAL (
        SELECT id::float8 AS id, checksum::float8 AS checksum, bytes FROM ${schema}.deltas
        WHERE deltas.partition = given.partition ORDER BY deltas.id DESC LIMIT given.count
      ) AS newest ORDER BY given.partition, newest.id`,
    values: [merges.map(({ partition }) => partition), merges.map(({ deltas }) => deltas)],
  })
  return Map.groupBy(rows, ({ partition }) => partition)
}

/** By partition: what tells the pieces of a new snapshot from all that are there. */
export async function nextGenerations(
  connection: PostgresConnection,
  schema: string,
  partitions: readonly number[],
): Promise<ReadonlyMap<number, number>> {
  if (partitions.length === 0) return new Map()
  const rows = await connection.repeatable<{ partition: number; next: number }>({
    text: `SELECT partition, max(generation)::float8 + 1 AS next FROM ${schema}.pieces
      WHERE partition = ANY($1::int[]) GROUP BY partition`,
    values: [partitions],
  })
  return new Map(rows.map(({ partition, next }) => [partition, next]))
}

/** A 32- or 64-bit integer in PostgreSQL's binary format. */
function integerOf(bytes: Uint8Array): number {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  return bytes.byteLength === 4 ? view.getInt32(0) : Number(view.getBigInt64(0))
}
