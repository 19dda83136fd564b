import type { CommitGroup } from '@engage-sync/core'
import { checksumOf } from '../format/checksum.ts'
import { settleGroup } from '../format/settle-group.ts'
import type { SettledGroup } from '../format/settle-group.ts'
import type { SqliteConnection } from './connection.ts'
import { letterText } from '../format/stored-json.ts'

/** Writes a commit group; the caller holds the transaction. */
export function writeGroup(connection: SqliteConnection, group: CommitGroup): void {
  const settled = settleGroup(group)
  writeRows(connection, settled)
  writeMarks(connection, settled)
  writeDeadLetters(connection, settled)
  writeRecords(connection, settled)
}

function writeRows(connection: SqliteConnection, { snapshots, deltas }: SettledGroup): void {
  for (const { partition, bytes } of snapshots) {
    connection.run(
      'INSERT OR REPLACE INTO snapshots VALUES (?, ?, ?)',
      partition,
      checksumOf(bytes),
      bytes,
    )
    connection.run('DELETE FROM deltas WHERE partition = ?', partition)
  }
  for (const { partition, bytes } of deltas) {
    connection.run(
      'INSERT INTO deltas (partition, checksum, bytes) VALUES (?, ?, ?)',
      partition,
      checksumOf(bytes),
      bytes,
    )
  }
}

function writeMarks(connection: SqliteConnection, { openMarks, closeMarks }: SettledGroup): void {
  for (const { id, run, intent } of openMarks) {
    connection.run('INSERT OR REPLACE INTO marks VALUES (?, ?, ?)', id, run, JSON.stringify(intent))
  }
  for (const id of closeMarks) connection.run('DELETE FROM marks WHERE id = ?', id)
}

function writeDeadLetters(
  connection: SqliteConnection,
  { deadLetters, removeDeadLetters }: SettledGroup,
): void {
  for (const letter of deadLetters) {
    connection.run(
      'INSERT INTO dead_letters (id, run, sync, code, expires_at, record) VALUES (?, ?, ?, ?, ?, ?)',
      letter.id ?? null,
      letter.run,
      letter.sync,
      letter.code,
      Date.parse(letter.expiresAt),
      letterText(letter),
    )
  }
  for (const id of removeDeadLetters) connection.run('DELETE FROM dead_letters WHERE id = ?', id)
}

function writeRecords(
  connection: SqliteConnection,
  { positions, mappings, values, run }: SettledGroup,
): void {
  for (const { source, position } of positions) {
    connection.run(
      'INSERT OR REPLACE INTO positions VALUES (?, ?)',
      source,
      JSON.stringify(position),
    )
  }
  for (const record of mappings)
    connection.run(
      'INSERT OR REPLACE INTO mappings VALUES (?, ?)',
      record.id,
      JSON.stringify(record),
    )
  for (const { key, value } of values) {
    if (value === null) connection.run('DELETE FROM "values" WHERE key = ?', key)
    else connection.run('INSERT OR REPLACE INTO "values" VALUES (?, ?)', key, JSON.stringify(value))
  }
  if (run !== undefined)
    connection.run('INSERT OR REPLACE INTO runs VALUES (?, ?)', run.number, JSON.stringify(run))
}
