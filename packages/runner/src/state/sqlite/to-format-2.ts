import { boundTo, letterChecksum, markText, recordChecksum } from '../format/checksum.ts'
import type { RecordTable } from '../format/checksum.ts'
import { ALL_PARTITIONS } from '../format/partition-column.ts'
import { chainOf, ChecksumChanges, letterPlace, partitionPlace } from '../format/place-checksums.ts'
import type { SqliteConnection, SqlRow } from './connection.ts'
import { letterRowOf } from './records.ts'
import { writeChecksums } from './checksums.ts'

/** So many dead letters are in memory at any time: each may hold 64 KB. */
const PAGE = 500

/** Gives every record of format 1 its checksum. */
export function bindRecords(connection: SqliteConnection): void {
  const bind = (table: RecordTable, key: string, textOf: (row: SqlRow) => string) => {
    for (const row of connection.all(`SELECT * FROM "${table}"`)) {
      const at = row[key] as string | number
      const checksum = recordChecksum(table, at, textOf(row))
      connection.run(`UPDATE "${table}" SET checksum = ? WHERE ${key} = ?`, checksum, at)
    }
  }
  bind('marks', 'id', ({ run, intent }) =>
    markText({ run: Number(run), intent: String(intent), partition: ALL_PARTITIONS }),
  )
  bind('positions', 'source', ({ position }) => String(position))
  bind('mappings', 'id', ({ record }) => String(record))
  bind('values', 'key', ({ value }) => String(value))
  bind('runs', 'number', ({ record }) => String(record))
  bindLetters(connection)
}

function bindLetters(connection: SqliteConnection): void {
  const next = 'SELECT * FROM dead_letters WHERE id > ? ORDER BY id LIMIT ?'
  for (let after = 0; ;) {
    const page = connection.all(next, after, PAGE)
    for (const row of page) {
      after = Number(row['id'])
      const checksum = boundTo(letterChecksum(letterRowOf(row)), after)
      connection.run('UPDATE dead_letters SET checksum = ? WHERE id = ?', checksum, after)
    }
    if (page.length < PAGE) return
  }
}

/** Gives every place its checksum. */
export function startChains(connection: SqliteConnection): void {
  const changes = new ChecksumChanges()
  for (const table of ['marks', 'positions', 'mappings', 'values', 'runs'] as const) {
    for (const row of connection.all(`SELECT checksum FROM "${table}"`))
      changes.add(table, Number(row['checksum']))
  }
  for (const { code, checksum } of connection.all('SELECT code, checksum FROM dead_letters')) {
    changes.add(letterPlace(String(code)), Number(checksum))
  }
  for (const [partition, checksums] of chainsOf(connection)) {
    changes.add(partitionPlace(partition), chainOf(checksums))
  }
  writeChecksums(connection, changes)
}

function chainsOf(connection: SqliteConnection): ReadonlyMap<number, readonly number[]> {
  const chains = new Map<number, number[]>()
  for (const { partition, checksum } of connection.all(`
    SELECT partition, 0 AS kind, 0 AS id, checksum FROM snapshots
    UNION ALL SELECT partition, 1, id, checksum FROM deltas ORDER BY kind, id`)) {
    const chain = chains.get(Number(partition)) ?? []
    chain.push(Number(checksum))
    chains.set(Number(partition), chain)
  }
  return chains
}
