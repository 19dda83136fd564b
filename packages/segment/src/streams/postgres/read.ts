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

/**
 * By the time batches came, whatever front took them: what is said of a user goes through several,
 * and what a user did earlier must not come later.
 */
async function* readUpTo(reading: Reading, ends: FrontPositions): AsyncGenerator<RawChunk> {
  while (!reading.signal.aborted) {
    const unread = [...ends].flatMap(([front, end]) => {
      const from = reading.positions.get(front) ?? startOf(end)
      return from.batch < end.batch ? [{ front, from, end }] : []
    })
    if (unread.length === 0) return
    yield* readBatches(reading, unread)
  }
}

function startOf({ id }: FrontPosition): FrontPosition {
  return { id, batch: 0, records: 0, bytes: 0 }
}

interface Batch {
  readonly front: number
  readonly batch: number
  readonly records_to: number
  readonly bytes_to: number
  readonly lines: Buffer
}

/** What of a front is not read. */
interface Unread {
  readonly front: number
  readonly from: FrontPosition
  readonly end: FrontPosition
}

async function* readBatches(reading: Reading, unread: readonly Unread[]): AsyncGenerator<RawChunk> {
  const { log, positions } = reading
  const rows = await nextBatches(reading, unread)
  const parts = new Map(unread.map((one) => [one.front, one]))
  let chunk: MessageChunk | null = null
  for (const { front, batch, records_to: records, bytes_to: bytes, lines } of rows) {
    const part = parts.get(front)
    if (part === undefined) continue
    chunk ??= new MessageChunk(`${log.name}, from front ${front}, batch ${batch}`)
    const missing = batch - (positions.get(front)?.batch ?? 0) - 1
    if (missing > 0 && part.from.batch > 0)
      chunk.reject('SOURCE_GONE', `${missing} batches were removed before they were read.`)
    chunk.add(lines)
    positions.set(front, { id: part.end.id, batch, records, bytes })
    if (!chunk.isFull) continue
    yield chunk.take(storedPostgresPosition(positions))
    chunk = null
  }
  if (chunk !== null) yield chunk.take(storedPostgresPosition(positions))
  if (rows.length === 0) yield* passRemoved(reading, unread)
}

/**
 * The next batches of all fronts together. Within a front their numbers are their order, also where
 * the clock of the server was set back.
 */
async function nextBatches(
  { log: { options, tables }, connection }: Reading,
  unread: readonly Unread[],
): Promise<readonly Batch[]> {
  return await connection.asked<Batch>(
    'records',
    `SELECT front, batch::float8 AS batch, records_to::float8 AS records_to, bytes_to::float8 AS bytes_to, lines
     FROM (
       SELECT next.*, max(at) OVER (PARTITION BY front ORDER BY batch) AS came
       FROM unnest($2::int[], $3::bigint[], $4::bigint[]) AS unread (of, after, until), LATERAL (
         SELECT front, batch, at, records_to, bytes_to, lines
         FROM ${tables.records} WHERE source = $1 AND front = of AND batch > after AND batch <= until
         ORDER BY batch LIMIT ${BATCHES}
       ) next
     ) nexts ORDER BY came, front, batch LIMIT ${BATCHES}`,
    [
      options.source,
      unread.map(({ front }) => front),
      unread.map(({ from }) => from.batch),
      unread.map(({ end }) => end.batch),
    ],
  )
}

/** Nothing is there any more: it was behind every reader, where this one did not begin yet. */
function* passRemoved({ log, positions }: Reading, unread: readonly Unread[]): Generator<RawChunk> {
  for (const { front, from, end } of unread) {
    positions.set(front, end)
    if (from.batch === 0) continue
    const gone = new MessageChunk(`${log.name}, front ${front}`)
    const missing = countOf(end.records - from.records, 'record')
    gone.reject('SOURCE_GONE', `${missing} went before they were read.`)
    yield gone.take(storedPostgresPosition(positions))
  }
}
