import type { StatementSync } from 'node:sqlite'
import type { CommitGroup } from '@engage-sync/core'

/** Writes a commit group through prepared statements; the caller holds the transaction. */
export function applyGroup(group: CommitGroup, statement: (sql: string) => StatementSync): void {
  const run = (sql: string, ...values: (string | number | Uint8Array)[]) => void statement(sql).run(...values)
  for (const { partition, bytes } of group.deltas ?? []) run('INSERT INTO deltas (partition, bytes) VALUES (?, ?)', partition, bytes)
  for (const { partition, bytes } of group.snapshots ?? []) {
    run('INSERT INTO snapshots VALUES (?, ?) ON CONFLICT DO UPDATE SET bytes = excluded.bytes', partition, bytes)
    run('DELETE FROM deltas WHERE partition = ?', partition)
  }
  for (const { id, run: number, intent } of group.openMarks ?? [])
    run('INSERT OR REPLACE INTO marks VALUES (?, ?, ?)', id, number, JSON.stringify(intent))
  for (const id of group.closeMarks ?? []) run('DELETE FROM marks WHERE id = ?', id)
  for (const letter of group.deadLetters ?? []) {
    run(
      'INSERT INTO dead_letters (run, sync, expires_at, record) VALUES (?, ?, ?, ?)',
      letter.run,
      letter.sync,
      Date.parse(letter.expiresAt),
      JSON.stringify(letter),
    )
  }
  for (const id of group.removeDeadLetters ?? []) run('DELETE FROM dead_letters WHERE id = ?', id)
  for (const { source, position } of group.positions ?? [])
    run('INSERT OR REPLACE INTO positions VALUES (?, ?)', source, JSON.stringify(position))
  for (const record of group.mappings ?? []) run('INSERT OR REPLACE INTO mappings VALUES (?, ?)', record.id, JSON.stringify(record))
  for (const { key, value } of group.values ?? []) {
    if (value === null) run('DELETE FROM "values" WHERE key = ?', key)
    else run('INSERT OR REPLACE INTO "values" VALUES (?, ?)', key, JSON.stringify(value))
  }
  if (group.run !== undefined) run('INSERT OR REPLACE INTO runs VALUES (?, ?)', group.run.number, JSON.stringify(group.run))
}
