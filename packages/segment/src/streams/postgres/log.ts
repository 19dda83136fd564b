import type { EventLog, SourceCondition, SourcePosition } from '@engage-sync/contract'
import { countOf } from '../../source/index.ts'
import { followAgain } from '../messages/index.ts'
import { Appender } from './append.ts'
import { tablesIn } from './place.ts'
import type { PostgresLogOptions } from './place.ts'
import { earliestPostgresPosition, readPostgresPosition } from './position.ts'
import { followLog, readLog } from './read.ts'
import type { PostgresLog } from './read.ts'
import { postgresStanding } from './standing.ts'
import { eraseFromLog, lagOf, trimLog } from './upkeep.ts'

const RETENTION_MS = 3 * 24 * 3_600_000
/** Looking for days to drop costs some statements, and none becomes older within this, milliseconds. */
const TRIM_MS = 60_000

/**
 * A log in tables of PostgreSQL.
 *
 * Shape: a batch for each append, shared by those that come at the same time; appended once it is
 * committed. Each process appends to one of sixteen fronts, whose batches have dense numbers; a
 * position is a batch of each. Readers look every 50 ms. Who is erased is erased of all sources. Days are partitions, and are dropped
 * whole, once they are behind every position and older than the retention.
 */
export function createPostgresLog(options: PostgresLogOptions): EventLog {
  const name = `log of ${options.source}`
  const log: PostgresLog = { name, options, tables: tablesIn(options.schema) }
  const appender = new Appender(options, log.tables)
  let trimmed = -Infinity
  return {
    name,
    drains: true,
    read: (from, signal) => readLog(log, { from, to: null }, signal),
    readBefore: (to, signal) => readPart(log, { from: null, to }, signal),
    readBetween: (from, to, signal) => readPart(log, { from, to }, signal),
    follow: (from, signal) => followAgain((at) => followLog(log, at, signal), from, signal),
    earliest: (positions) => earliestPostgresPosition(positions, name),
    check: (signal) => checkLog(log, signal),
    standing: (position) => postgresStanding(log, readPostgresPosition(position, name)),
    append: (lines) => appender.append(lines),
    lag: (position) => lagOf(log, readPostgresPosition(position, name)),
    trim: async (position) => {
      if (performance.now() - trimmed < TRIM_MS) return
      trimmed = performance.now()
      const { retentionMs = RETENTION_MS } = options
      await trimLog(log, readPostgresPosition(position, name), retentionMs)
    },
    erase: async (ids) => ({ erased: await eraseFromLog(log, ids), left: 0 }),
    close: () => appender.close(),
  }
}

interface Between {
  readonly from: SourcePosition | null
  readonly to: SourcePosition
}

async function* readPart(log: PostgresLog, { from, to }: Between, signal: AbortSignal) {
  for await (const chunk of readLog(log, { from, to }, signal)) yield { ...chunk, position: to }
}

async function checkLog(log: PostgresLog, signal: AbortSignal): Promise<SourceCondition> {
  signal.throwIfAborted()
  const { bytes } = await lagOf(log, new Map())
  return {
    message:
      bytes === 0
        ? 'Nothing was received yet'
        : `${countOf(bytes, 'byte')} received, worked on or not`,
  }
}
