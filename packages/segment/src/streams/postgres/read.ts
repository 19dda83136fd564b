import type { RawChunk, SourcePosition } from '@engage-sync/contract'
import { countOf, sleepUntil } from '../../source/index.ts'
import { MessageChunk } from '../messages/index.ts'
import { LogConnection } from './connection.ts'
import { isMissing, postgresError } from './errors.ts'
import type { PostgresLogOptions, Tables } from './place.ts'
import { readPostgresPosition, storedPostgresPosition } from './position.ts'
import type { FrontPosition, FrontPositions } from './position.ts'

/** A log, and how to reach it. */
export interface PostgresLog {
  readonly name: string
  readonly options: PostgresLogOptions
  readonly tables: Tables
}

/** How often it is looked whether something came, milliseconds. */
const LOOK_MS = 50
/** Batches that are fetched at once: 4 MB at most, unless a record is larger. */
const BATCHES = 16

/** Which part of a log is read. */
export interface Part {
  /** Null for the beginning. */
  readonly from: SourcePosition | null
  /** Null for the end as of now. */
  readonly to: SourcePosition | null
}

/** Reads up to a position, or to the end as of now. */
export async function* readLog(
  log: PostgresLog,
  { from, to }: Part,
  signal: AbortSignal,
): AsyncGenerator<RawChunk> {
  signal.throwIfAborted()
  const connection = new LogConnection(log.options.url)
  try {
    const positions = readPostgresPosition(from, log.name)
    const heads = await frontsOf(log, connection)
    const reading = { log, connection, positions: new Map(positions), signal }
    yield* leaveFormer(reading, heads)
    const ends = to === null ? heads : sameFronts(readPostgresPosition(to, log.name), heads)
    yield* readUpTo(reading, ends)
    signal.throwIfAborted()
  } finally {
    await connection.close()
  }
}

/** Reads on and on, until the signal aborts or the connection is lost. */
export async function* followLog(
  log: PostgresLog,
  from: SourcePosition | null,
  signal: AbortSignal,
): AsyncGenerator<RawChunk> {
  const connection = new LogConnection(log.options.url)
  const positions = new Map(readPostgresPosition(from, log.name))
  try {
    while (!signal.aborted) {
      const reading = { log, connection, positions, signal }
      const heads = await frontsOf(log, connection)
      yield* leaveFormer(reading, heads)
      yield* readUpTo(reading, heads)
      await sleepUntil(LOOK_MS, signal)
    }
  } finally {
    await connection.close()
  }
}

/** Every front there is, with all it got; none where the log was not made yet. */
export async function frontsOf(
  { options, tables }: PostgresLog,
  connection: LogConnection,
): Promise<FrontPositions> {
  try {
    const rows = await connection.rows<FrontPosition & { readonly front: number }>(
      `SELECT front, id::float8 AS id, batch::float8 AS batch, records::float8 AS records, bytes::float8 AS bytes
       FROM ${tables.fronts} WHERE source = $1 ORDER BY front`,
      [options.source],
    )
    return new Map(rows.map(({ front, ...position }) => [front, position]))
  } catch (error) {
    if (isMissing(error)) return new Map()
    throw postgresError(error, 'its fronts')
  }
}

interface Reading {
  readonly log: PostgresLog
  readonly connection: LogConnection
  /** Moves while it is read. */
  readonly positions: Map<number, FrontPosition>
  readonly signal: AbortSignal
}

/** The fronts that are still those they were when a position was made. */
function sameFronts(positions: FrontPositions, heads: FrontPositions): FrontPositions {
  return new Map([...positions].filter(([front, { id }]) => heads.get(front)?.id === id))
}

/** Fronts that are gone, or were made anew, begin again, and it is told. */
function* leaveFormer({ log, positions }: Reading, heads: FrontPositions): Iterable<RawChunk> {
  const same = sameFronts(positions, heads)
  if (same.size === positions.size) return
  for (const front of positions.keys()) if (!same.has(front)) positions.delete(front)
  const gone = new MessageChunk(log.name)
  gone.reject('SOURCE_GONE', MADE_ANEW)
  yield gone.take(storedPostgresPosition(positions))
}

/** In words, of fronts that are others than were read. */
export const MADE_ANEW =
  'The tables of the log were made anew: what they held before and was not read is gone.'

/** A front after the other, some batches of each at a time, so that none waits for long. */
async function* readUpTo(reading: Reading, ends: FrontPositions): AsyncGenerator<RawChunk> {
  for (let isMore = true; isMore;) {
    isMore = false
    for (const [front, end] of ends) {
      if (reading.signal.aborted) return
      const from = reading.positions.get(front) ?? startOf(end)
      if (from.batch >= end.batch) continue
      isMore = true
      yield* readBatches(reading, { front, from, end })
    }
  }
}

function startOf({ id }: FrontPosition): FrontPosition {
  return { id, batch: 0, records: 0, bytes: 0 }
}

interface Batch {
  readonly batch: number
  readonly records_to: number
  readonly bytes_to: number
  readonly lines: Buffer
}

interface Batches {
  readonly front: number
  readonly from: FrontPosition
  readonly end: FrontPosition
}

async function* readBatches(
  { log, connection, positions }: Reading,
  { front, from, end }: Batches,
): AsyncGenerator<RawChunk> {
  const rows = await connection.asked<Batch>(
    'records',
    `SELECT batch::float8 AS batch, records_to::float8 AS records_to, bytes_to::float8 AS bytes_to, lines
     FROM ${log.tables.records} WHERE source = $1 AND front = $2 AND batch > $3 AND batch <= $4
     ORDER BY batch LIMIT ${BATCHES}`,
    [log.options.source, front, from.batch, end.batch],
  )
  const take = (chunk: MessageChunk, { batch, records_to: records, bytes_to: bytes }: Batch) => {
    positions.set(front, { id: end.id, batch, records, bytes })
    return chunk.take(storedPostgresPosition(positions))
  }
  let chunk: MessageChunk | null = null
  let last: Batch | null = null
  for (const row of rows) {
    chunk ??= new MessageChunk(`${log.name}, front ${front}, from batch ${row.batch}`)
    const missing = row.batch - (last ?? from).batch - 1
    if (missing > 0 && from.batch > 0)
      chunk.reject('SOURCE_GONE', `${missing} batches were removed before they were read.`)
    chunk.add(row.lines)
    last = row
    if (!chunk.isFull) continue
    yield take(chunk, row)
    chunk = null
  }
  if (chunk !== null && last !== null) yield take(chunk, last)
  if (rows.length > 0) return
  // Nothing of it is there any more: it was behind every reader, where this one did not begin yet.
  positions.set(front, end)
  if (from.batch === 0) return
  const gone = new MessageChunk(`${log.name}, front ${front}`)
  const missing = countOf(end.records - from.records, 'record')
  gone.reject('SOURCE_GONE', `${missing} went before they were read.`)
  yield gone.take(storedPostgresPosition(positions))
}
