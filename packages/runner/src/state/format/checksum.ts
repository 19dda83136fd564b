import { crc32 } from 'node:zlib'
import type { DeadLetter } from '@engage-sync/core'
import { ALL_PARTITIONS } from './partition-column.ts'

/*
 * A checksum stands beside every record, since no file system, no SQLite and not every PostgreSQL notices a flipped
 * bit. It is bound to the record's place, so that a record that moved is noticed as well. What is missing, doubled or
 * out of order is noticed by the checksum of the place: see `place-checksums.ts`.
 */

/** Tables whose records are a key and a text. */
export type RecordTable = 'info' | 'marks' | 'positions' | 'mappings' | 'values' | 'runs'

/** What the bytes of rows are. */
export type RowsKind = 'snapshot' | 'delta'

/** Spreads small numbers over 32 bits; SQL multiplies 32 bits with it within 63. */
export const SPREAD = 1_640_531_527

/** A checksum bound to a number. SQL does the same where it alone knows the number. */
export function boundTo(checksum: number, number: number): number {
  return (checksum + Math.imul(number, SPREAD)) >>> 0
}

/** What the checksum of a partition's bytes is bound to. */
export function rowsNumber(kind: RowsKind, partition: number): number {
  return partition * 2 + (kind === 'snapshot' ? 1 : 2)
}

/** The checksum beside bytes of rows. */
export function rowsChecksum(kind: RowsKind, partition: number, bytes: Uint8Array): number {
  return boundTo(crc32(bytes), rowsNumber(kind, partition))
}

/** The checksum beside a record. @param text - all that stands beside its key */
export function recordChecksum(table: RecordTable, key: string | number, text: string): number {
  return crc32(text, crc32(`${table}\u0000${key}`))
}

/** What of a mark its checksum covers. */
export interface MarkRow {
  readonly run: number
  readonly intent: string
  /** See `ALL_PARTITIONS`. */
  readonly partition: number
}

/** The text of a mark that its checksum covers: as it was while all were of all partitions. */
export function markText({ run, intent, partition }: MarkRow): string {
  return partition === ALL_PARTITIONS ? `${run} ${intent}` : `${run}/${partition} ${intent}`
}

/** A dead letter as a table holds it. */
export interface LetterRow extends Pick<DeadLetter, 'run' | 'sync' | 'code'> {
  /** Milliseconds since the epoch. */
  readonly expiresAt: number
  readonly record: string
}

/** The checksum of a dead letter, without the number that it is bound to. */
export function letterChecksum({ run, sync, code, expiresAt, record }: LetterRow): number {
  return crc32(
    record,
    crc32(`dead_letters\u0000${run}\u0000${sync}\u0000${code}\u0000${expiresAt}`),
  )
}
