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

/** Pieces of a snapshot that one statement reads: each has 8 MB, and a statement has its time. */
const PIECES_AT_ONCE = 8
/** How often reading begins again because somebody put another snapshot in the place of the one being read. */
const TRIES = 10

/** A piece of a snapshot that is still to be read. */
interface PieceHead {
  readonly piece: number
  readonly generation: number
}

/**
 * The rows of a partition, which are those that were committed, all of them and in their order.
 *
 * Shape: the pieces of a long snapshot are read some at a time. They never change, but may go once
 * there is another snapshot; then all is read anew.
 *
 * @throws {StateError} `STATE_UNREADABLE`
 */
export async function loadRows(
  connection: PostgresConnection,
  partition: number,
  place: RowsPlace,
): Promise<PartitionImage> {
  const number = Math.trunc(partition)
  for (let tries = 1; ; tries++) {
    const { rows, pieces, checksum } = await readHeads(connection, number, place)
    const bytesOf = await readPieces(connection, {
      partition: number,
      pieces,
      schema: place.schema,
    })
    const whole = rows.map((row) => ({ ...row, bytes: row.bytes ?? bytesOf(row.piece) }))
    const isGone = whole.some(({ bytes }) => bytes === undefined)
    if (isGone && tries < TRIES) continue
    const there = whole.flatMap(({ bytes, ...row }) =>
      bytes === undefined ? [] : [{ ...row, bytes }],
    )
    return partitionImage({
      partition,
      rows: there,
      checksum: place.format >= BOUND_FORMAT ? checksum : null,
    })
  }
}

/** All of a partition but what is in later pieces of its snapshot. */
async function readHeads(
  connection: PostgresConnection,
  partition: number,
  { schema, format }: RowsPlace,
) {
  const sum = `UNION ALL SELECT 3, 0, 0, 0, checksum, NULL FROM ${schema}.checksums WHERE place = '${partitionPlace(partition)}'`
  // One statement, so that all are of the same instant.
  const found = await connection.copy(
    `SELECT kind, id, generation, number, checksum, bytes FROM (
       ${snapshotQuery(partition, { schema, format })}
       UNION ALL SELECT 2, id, 0::bigint, 0::bigint, checksum, bytes FROM ${schema}.deltas WHERE partition = ${partition}
       ${format >= BOUND_FORMAT ? sum : ''}
     ) AS pieces ORDER BY kind, id`,
  )
  const read = found.map(([kind, id, generation, number, checksum, bytes]) => ({
    of: integerOf(kind!),
    piece: integerOf(id!),
    generation: integerOf(generation!),
    number: integerOf(number!),
    checksum: integerOf(checksum!),
    bytes: bytes ?? null,
  }))
  const rows = read
    .filter(({ of }) => of < 3)
    .map(({ of, piece, number, checksum, bytes }) => ({
      kind: of < 2 ? ('snapshot' as const) : ('delta' as const),
      piece,
      number,
      checksum,
      bytes,
    }))
  const pieces: readonly PieceHead[] = read.filter(({ of }) => of === 1)
  return { rows, pieces, checksum: read.find(({ of }) => of === 3)?.checksum }
}

interface Pieces {
  readonly partition: number
  readonly pieces: readonly PieceHead[]
  readonly schema: string
}

/** The bytes of pieces, by their numbers; those of one that is gone are undefined. */
async function readPieces(
  connection: PostgresConnection,
  { partition, pieces, schema }: Pieces,
): Promise<(piece: number) => Uint8Array | undefined> {
  const bytes = new Map<number, Uint8Array>()
  for (let at = 0; at < pieces.length; at += PIECES_AT_ONCE) {
    const some = pieces.slice(at, at + PIECES_AT_ONCE)
    const rows = await connection.copy(
      `SELECT piece, bytes FROM ${schema}.pieces WHERE partition = ${partition}
         AND generation = ${some[0]?.generation ?? 0} AND piece IN (${some.map(({ piece }) => piece).join(', ')})`,
    )
    for (const [piece, own] of rows) if (own !== null) bytes.set(integerOf(piece!), own!)
    if (rows.length < some.length) break
  }
  return (piece) => bytes.get(piece)
}

/** A partition's snapshot: its first piece, and which ones are the others. */
function snapshotQuery(partition: number, { schema, format }: RowsPlace): string {
  const first = (generation: string, number: string) =>
    `SELECT 0 AS kind, 0::bigint AS id, ${generation}::bigint AS generation, ${number}::bigint AS number, checksum, bytes
     FROM ${schema}.snapshots WHERE partition = ${partition}`
  if (format < PIECES_FORMAT) return first('0', '0')
  const numberOf = (piece: string) =>
    `(generation * ${pieceNumber({ generation: 1, piece: 0 })} + ${piece})`
  return `${first('generation', numberOf('0'))}
    UNION ALL SELECT 1, piece, generation, ${numberOf('piece')}, checksum, NULL FROM ${schema}.pieces
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
