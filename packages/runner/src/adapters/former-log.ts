import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { PARTITIONS } from '@engage-sync/core'
import type {
  EventLog,
  RawChunk,
  SourcePosition,
  StateStore,
  StreamSource,
} from '@engage-sync/core'
import { usedLogs } from '../state/values/used-logs.ts'
import { oneAtATime } from './one-at-a-time.ts'
import { openLog, spoolOf } from './open-log.ts'
import type { LogPlace } from './open-log.ts'
import { isElsewhere, isSameLog, logChanged, logOfPosition } from './used-log.ts'
import type { LogKind, LogOf, UsedLog } from './used-log.ts'

/**
 * A stream for which a position of another kind of log stands for the beginning: for who brings in
 * first what the other one still holds, or was told that it stays there.
 */
export function fromItsBeginning<Stream extends StreamSource | EventLog>(
  stream: Stream,
  { kind }: Pick<UsedLog, 'kind'>,
): Stream {
  const isOther = (position: SourcePosition) =>
    ![kind, undefined].includes(logOfPosition(position)?.kind)
  const own = (position: SourcePosition | null) =>
    position === null || isOther(position) ? null : position
  const { readBefore, readBetween, earliest, standing } = stream
  const erase = 'append' in stream ? stream.erase : undefined
  return {
    ...stream,
    read: (from, signal) => stream.read(own(from), signal),
    follow: (from, signal) => stream.follow(own(from), signal),
    ...('append' in stream && {
      lag: (position: SourcePosition | null) => stream.lag(own(position)),
      trim: async (position: SourcePosition) => {
        if (!isOther(position)) await stream.trim(position)
      },
    }),
    ...(readBefore !== undefined && {
      readBefore: (to, signal) => (isOther(to) ? nothing() : readBefore(to, signal)),
    }),
    ...(readBetween !== undefined && {
      readBetween: (from, to, signal) =>
        isOther(to) ? nothing() : readBetween(own(from), to, signal),
    }),
    ...(erase !== undefined && {
      erase: (ids: readonly string[], worked: SourcePosition | null) => erase(ids, own(worked)),
    }),
    ...(standing !== undefined && {
      standing: (position, signal) => standing(own(position), signal),
    }),
    ...(earliest !== undefined && {
      earliest: (positions) => positions.find(isOther) ?? earliest(positions),
    }),
  } satisfies StreamSource as Stream
}

/** A source whose records wait in a log now. */
export interface LogInUse {
  /** Name of the source. */
  readonly name: string
  readonly now: UsedLog
  readonly store: Pick<StateStore, 'positions' | 'partitionPositions' | 'values'>
  /** Whether what waits in another one stays there. */
  readonly leavesLog: boolean
}

/**
 * Looks whether what a source was read from last is what it is read from now.
 *
 * Shape: what was noted counts; where nothing was, what positions are of. The files of this machine
 * and the tables of PostgreSQL may be left for a log that can be appended to.
 *
 * @param takesIn - whether what they hold is brought in (`takeOverLog`)
 * @throws {SyncError} `SERVE_LOG_CHANGED`
 */
export async function refuseLeft(
  { name, now, store, leavesLog }: LogInUse,
  { takesIn }: { readonly takesIn: boolean },
): Promise<void> {
  if (leavesLog) return
  const noted = (await usedLogs.readAll(store)).get(name)
  const positions = noted === undefined ? await positionsOf(store, name) : []
  const before = noted === undefined ? positions.map(logOfPosition) : [noted]
  for (const former of before)
    if (former !== null && !isSameLog(former, now) && !(takesIn && !isElsewhere(former)))
      throw logChanged(name, { former, now })
}

/** What a log is taken over for. */
export interface TakeOver {
  readonly environment: LogOf
  readonly place: LogPlace
  /** The log as it is now. */
  readonly events: EventLog
  readonly kind: LogKind
  readonly store: Pick<StateStore, 'positions' | 'partitionPositions' | 'values'>
  readonly signal: AbortSignal
}

/**
 * Appends to the log of a webhook what a former one holds beyond its position: the spool of this
 * machine, whose files are removed then, or the tables of PostgreSQL.
 *
 * Shape: how many records. Where it dies between, some are appended twice, which are duplicates. Of
 * the processes of a machine one moves the files, and the others wait for it.
 *
 * @throws {SyncError} `SOURCE_…`
 */
export async function takeOverLog(takeOver: TakeOver): Promise<number> {
  const { place, kind, store } = takeOver
  const positions = await positionsOf(store, place.name)
  const noted = (await usedLogs.readAll(store)).get(place.name)?.kind
  const former = new Set([...positions.map((position) => logOfPosition(position)?.kind), noted])
  let records = 0
  if (kind !== 'spool') records += await moveFiles(takeOver, positions)
  if (kind !== 'postgres' && former.has('postgres'))
    records += await copyTables(takeOver, positions)
  return records
}

async function moveFiles(
  { place, events, signal }: TakeOver,
  positions: readonly SourcePosition[],
): Promise<number> {
  const directory = spoolOf(place)
  if (!existsSync(directory)) return 0
  const { moveSpool } = await import('@engage-sync/segment')
  const from = positions.find((position) => logOfPosition(position)?.kind === 'spool') ?? null
  const move = () => moveSpool({ name: place.name, directory, from }, events, signal)
  return await oneAtATime(join(place.directory, 'moving.lock'), move, signal)
}

/** Of the tables nothing is removed: their days are dropped by whoever uses them next. */
async function copyTables(
  { environment, place, events, signal }: TakeOver,
  positions: readonly SourcePosition[],
): Promise<number> {
  const { appendChunks } = await import('@engage-sync/segment')
  const { serve, state } = environment
  const log = { postgres: { retentionMs: Infinity } }
  const tables = await openLog({ serve: { ...serve, log }, state }, place)
  try {
    const isWhole = positions.every((position) => logOfPosition(position)?.kind === 'postgres')
    const from = isWhole ? (tables.earliest?.(positions) ?? null) : null
    return await appendChunks(events, tables.read(from, signal))
  } finally {
    await tables.close()
  }
}

/** What the state has of a source: of all partitions, or of those that have none of their own. */
async function positionsOf(
  store: TakeOver['store'],
  name: string,
): Promise<readonly SourcePosition[]> {
  const own = (await store.partitionPositions()).filter(({ source }) => source === name)
  const whole = (await store.positions()).get(name)
  const others = own.length < PARTITIONS && whole !== undefined ? [whole] : []
  return [...own.map(({ position }) => position), ...others]
}

async function* nothing(): AsyncGenerator<RawChunk> {
  // Before what is none of its places stands nothing.
}
