import type { DeadLetter, Json } from '@engage-sync/core'
import { boundTo, letterChecksum, recordChecksum } from './checksum.ts'
import type { LetterRow, RecordTable } from './checksum.ts'
import { unreadable } from './errors.ts'

/** A record as a table holds it: a key, a text, and the checksum of both. */
export interface StoredRecord {
  readonly table: RecordTable
  readonly key: string | number
  readonly text: string
  /** Null in format 1, which had none. */
  readonly checksum: number | null
  /** What of the text is JSON. Default: all. */
  readonly json?: string
}

/**
 * The value of a stored record.
 *
 * @throws {StateError} `STATE_UNREADABLE` when it is not as it was written there
 */
export function recordValue<T = Json>({ table, key, text, checksum, json }: StoredRecord): T {
  if (checksum !== null && checksum !== recordChecksum(table, key, text)) throw changed(table, key)
  try {
    return JSON.parse(json ?? text) as T
  } catch {
    throw changed(table, key)
  }
}

function changed(table: string, key: string | number): unknown {
  return unreadable(
    `the record ${JSON.stringify(key)} of its ${table} is not as it was written there`,
  )
}

/** A dead letter as text; its id is that of the row it stands in. */
export function letterText(letter: DeadLetter): string {
  return JSON.stringify({ ...letter, id: undefined })
}

/** A dead letter as a table takes it. */
export function letterRow(letter: DeadLetter): LetterRow {
  const { run, sync, code, expiresAt } = letter
  return { run, sync, code, expiresAt: Date.parse(expiresAt), record: letterText(letter) }
}

/**
 * A dead letter from its row.
 *
 * @param checksum - null in format 1, which had none
 * @throws {StateError} `STATE_UNREADABLE` when it is not as it was written there
 */
export function letterOf(id: number, row: LetterRow, checksum: number | null): DeadLetter {
  if (checksum !== null && checksum !== boundTo(letterChecksum(row), id))
    throw changed('dead letters', id)
  try {
    return { ...(JSON.parse(row.record) as DeadLetter), id }
  } catch {
    throw changed('dead letters', id)
  }
}
