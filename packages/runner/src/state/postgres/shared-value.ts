import type { Json, SharedChange, Writer } from '@engage-sync/core'
import { recordChecksum } from '../format/checksum.ts'
import { unavailable, workerLost } from '../format/errors.ts'
import { CHECKSUM_MASK } from '../format/place-checksums.ts'
import { recordValue } from '../format/stored-json.ts'
import { onlyRow } from './connection/index.ts'
import { SERVER_NOW } from './lease.ts'

/** Others change a value a few times a second, so that a second try nearly always does. */
const MAX_TRIES = 50

/** Runs one statement; it may be run twice. */
type Ask = <Row extends object>(text: string, values: readonly unknown[]) => Promise<readonly Row[]>

/** A value as it stands in the table. */
interface StoredText {
  readonly text: string
  readonly checksum: number
}

/** Where a shared value is, and who changes it. */
interface SharedPlace {
  /** Quoted, as it stands in statements. */
  readonly schema: string
  readonly key: string
  readonly member: Required<Writer>
}

/**
 * Reads a value, and writes what becomes of it where nobody else wrote meanwhile: the statement
 * compares its text, and locks the row of the worker, so that none that is lost writes.
 *
 * @throws {SyncError} `STATE_LEASE_LOST`, `STATE_UNAVAILABLE`
 */
export async function changeShared<Result>(
  ask: Ask,
  place: SharedPlace,
  change: SharedChange<Result>,
): Promise<Result> {
  for (let tries = 0; tries < MAX_TRIES; tries++) {
    const { nowMs, before } = await read(ask, place)
    const { key } = place
    const known = before === null ? null : recordValue<Json>({ table: 'values', key, ...before })
    const { value, result } = change(known, nowMs)
    if (value === null || (await write(ask, place, { before, text: JSON.stringify(value) })))
      return result
  }
  throw unavailable('Other workers keep changing a value they share', 'Look for too many workers.')
}

async function read(ask: Ask, { schema, key }: SharedPlace) {
  const rows = await ask<{ now: number; text: string | null; checksum: number }>(
    `SELECT ${SERVER_NOW}::float8 AS now, value AS text, checksum::float8 AS checksum
     FROM (SELECT 1) one LEFT JOIN ${schema}."values" ON key = $1`,
    [key],
  )
  const { now: nowMs, text, checksum } = onlyRow(rows, 'a value')
  return { nowMs, before: text === null ? null : { text, checksum } }
}

/** Whether it was written. @throws {SyncError} `STATE_LEASE_LOST` */
async function write(
  ask: Ask,
  { schema, key, member: { worker, epoch } }: SharedPlace,
  { before, text }: { readonly before: StoredText | null; readonly text: string },
): Promise<boolean> {
  const checksum = recordChecksum('values', key, text)
  const write =
    before === null
      ? `INSERT INTO ${schema}."values" SELECT $3, $4, $5::bigint FROM held WHERE $6::text IS NULL ON CONFLICT (key) DO NOTHING`
      : `UPDATE ${schema}."values" SET value = $4, checksum = $5::bigint FROM held WHERE key = $3 AND value = $6::text`
  const rows = await ask<{ held: number; written: number }>(
    `WITH held AS (
       SELECT 1 FROM ${schema}.workers WHERE worker = $1 AND epoch = $2::bigint FOR SHARE
     ), written AS (${write} RETURNING 1), summed AS (
       UPDATE ${schema}.checksums SET checksum = (checksum + $7::bigint) & ${CHECKSUM_MASK}
       FROM written WHERE place = 'values'
     ) SELECT (SELECT count(*) FROM held)::int AS held, (SELECT count(*) FROM written)::int AS written`,
    [worker, epoch, key, text, checksum, before?.text ?? null, checksum - (before?.checksum ?? 0)],
  )
  const { held, written } = onlyRow(rows, 'a change of a value')
  if (held === 0) throw workerLost()
  return written > 0
}
