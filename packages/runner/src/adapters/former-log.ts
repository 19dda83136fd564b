import { PARTITIONS, SyncError } from '@engage-sync/core'
import type {
  EventLog,
  NormalisedEnvironment,
  RawChunk,
  SourcePosition,
  StateStore,
} from '@engage-sync/core'
import { logKinds } from '../state/values/log-kinds.ts'
import { openLog, spoolOf } from './open-log.ts'
import type { LogPlace } from './open-log.ts'

/** A kind of log, as `serve.log` names it. */
type LogKind = 'spool' | 'postgres' | 'nats' | 'kafka'

/** By what a position has, which log it is of. */
const KINDS: readonly (readonly [key: string, kind: LogKind])[] = [
  ['files', 'spool'],
  ['fronts', 'postgres'],
  ['sequence', 'nats'],
  ['partitions', 'kafka'],
]

type LogOf = Pick<NormalisedEnvironment, 'serve' | 'state'>

/**
 * A log for which a position of another kind of log stands for the beginning: for who brings in
 * first what the other one still holds (`takeOverLog`).
 */
export function fromItsBeginning(events: EventLog, environment: LogOf): EventLog {
  const kind = kindOf(environment)
  const isOther = (position: SourcePosition) => ![kind, null].includes(logOf(position))
  const own = (position: SourcePosition | null) =>
    position === null || isOther(position) ? null : position
  const { readBefore, readBetween, earliest } = events
  return {
    ...events,
    read: (from, signal) => events.read(own(from), signal),
    follow: (from, signal) => events.follow(own(from), signal),
    lag: (position) => events.lag(own(position)),
    trim: async (position) => {
      if (!isOther(position)) await events.trim(position)
    },
    ...(readBefore !== undefined && {
      readBefore: (to, signal) => (isOther(to) ? nothing() : readBefore(to, signal)),
    }),
    ...(readBetween !== undefined && {
      readBetween: (from, to, signal) =>
        isOther(to) ? nothing() : readBetween(own(from), to, signal),
    }),
    ...(earliest !== undefined && {
      earliest: (positions) => positions.find(isOther) ?? earliest(positions),
    }),
  }
}

/** What a log is taken over for. */
export interface TakeOver {
  readonly environment: LogOf
  readonly place: LogPlace
  /** The log as it is now. */
  readonly events: EventLog
  readonly store: Pick<StateStore, 'positions' | 'partitionPositions' | 'values'>
  /** Whether what waits in a stream or a topic stays there. */
  readonly leavesLog: boolean
  readonly signal: AbortSignal
}

/**
 * Appends to the log of a source what a former one holds beyond its position: the spool of this
 * machine, whose files are removed then, or the tables of PostgreSQL.
 *
 * Shape: how many records. Where it dies between, some are appended twice, which are duplicates.
 *
 * @throws {SyncError} `SERVE_LOG_CHANGED` where the former log cannot be read without its
 *   configuration, `SOURCE_…`
 */
export async function takeOverLog(takeOver: TakeOver): Promise<number> {
  const { environment, place, events, store, leavesLog, signal } = takeOver
  const kind = kindOf(environment)
  const positions = await positionsOf(store, place.name)
  const noted = (await logKinds.readAll(store)).get(place.name)
  const former = new Set([...positions.map(logOf), noted])
  for (const other of ['nats', 'kafka'] as const)
    if (!leavesLog && other !== kind && former.has(other))
      throw logChanged(place.name, { other, kind })
  let records = 0
  if (kind !== 'spool') {
    const { moveSpool } = await import('@engage-sync/segment')
    const from = positions.find((position) => logOf(position) === 'spool') ?? null
    const spool = { name: place.name, directory: spoolOf(place), from }
    records += await moveSpool(spool, events, signal)
  }
  if (kind !== 'postgres' && former.has('postgres'))
    records += await copyTables(takeOver, positions)
  return records
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
    const isWhole = positions.every((position) => logOf(position) === 'postgres')
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

/**
 * Notes which logs are in use, for a start with another one: before a window is committed no position says so.
 *
 * @param sources - names of those whose records are kept in the log of the environment
 */
export async function noteLogs(
  store: Pick<StateStore, 'commit' | 'currentLease' | 'values'>,
  environment: LogOf,
  sources: readonly string[],
): Promise<void> {
  const kind = kindOf(environment)
  const noted = await logKinds.readAll(store)
  const values = sources
    .filter((source) => noted.get(source) !== kind)
    .map((source) => logKinds.stored(source, kind))
  const lease = values.length === 0 ? null : await store.currentLease()
  if (lease !== null) await store.commit({ epoch: lease.epoch, values })
}

function kindOf({ serve: { log } }: LogOf): LogKind {
  if (log === 'spool') return 'spool'
  return 'postgres' in log ? 'postgres' : 'kafka' in log ? 'kafka' : 'nats'
}

/** Null for a position of no log. */
function logOf(position: SourcePosition): LogKind | null {
  if (typeof position !== 'object' || position === null) return null
  return KINDS.find(([key]) => key in position)?.[1] ?? null
}

async function* nothing(): AsyncGenerator<RawChunk> {
  // Before what is none of its places stands nothing.
}

function logChanged(source: string, { other, kind }: { other: string; kind: string }): SyncError {
  return new SyncError(
    'SERVE_LOG_CHANGED',
    `Source ${source} was read from ${other} last, and \`serve.log\` is ${kind} now: what waits there nobody can count`,
    {
      hint: 'Set `serve.log` back, let the server work on everything (`/readyz`), then change it and start once with `--leave-log`.',
    },
  )
}
