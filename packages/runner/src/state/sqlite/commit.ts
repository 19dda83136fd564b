import type { DeadLetter, Json } from '@engage-sync/core'
import { boundTo, letterChecksum, markText, recordChecksum } from '../format/checksum.ts'
import type { RecordTable } from '../format/checksum.ts'
import { mergeDeltas } from '../format/merge-deltas.ts'
import type { Cut } from '../format/pieces.ts'
import { ALL_PARTITIONS, partitionIn, positionKey } from '../format/partition-column.ts'
import { ChecksumChanges, checkRows, letterPlace } from '../format/place-checksums.ts'
import type { SettledGroup } from '../format/settle-group.ts'
import { letterRow } from '../format/stored-json.ts'
import { writeChecksums } from './checksums.ts'
import type { SqliteConnection } from './connection.ts'

type KeyedTable = Exclude<RecordTable, 'info' | 'positions'>

/** The column of each table that its records are found by. */
const KEYS: Readonly<Record<KeyedTable, string>> = {
  marks: 'id',
  mappings: 'id',
  values: 'key',
  runs: 'number',
}

/** Writes a commit group; the caller holds the transaction. */
export function writeGroup(
  connection: SqliteConnection,
  settled: SettledGroup,
  pieceBytes: number,
): void {
  const writing = new GroupWriting(connection, pieceBytes)
  writing.rows(settled)
  writing.marks(settled)
  writing.deadLetters(settled)
  writing.records(settled)
  writeChecksums(connection, writing.changes)
}

/** Writes one value; the caller holds the transaction. */
export function writeValue(connection: SqliteConnection, key: string, value: Json): void {
  const writing = new GroupWriting(connection, 0)
  writing.value(key, value)
  writeChecksums(connection, writing.changes)
}

/** Removes dead letters that expired before an instant, milliseconds; returns how many. */
export function expireLetters(connection: SqliteConnection, nowMs: number): number {
  const changes = new ChecksumChanges()
  const text = 'DELETE FROM dead_letters WHERE expires_at < ? RETURNING code, checksum'
  const gone = connection.all(text, nowMs)
  for (const { code, checksum } of gone) changes.remove(letterPlace(String(code)), Number(checksum))
  writeChecksums(connection, changes)
  return gone.length
}

/** Records on their way into a file, and what they do to the checksums of their places. */
class GroupWriting {
  readonly #connection: SqliteConnection
  readonly changes = new ChecksumChanges()
  readonly #cut: Cut

  constructor(connection: SqliteConnection, pieceBytes: number) {
    this.#connection = connection
    // All of a snapshot is written at once here: there never are pieces of two.
    this.#cut = { pieceBytes, generationOf: () => 1 }
  }

  rows(group: SettledGroup): void {
    const connection = this.#connection
    for (const { partition, deltas } of group.merges) this.#merge(partition, deltas)
    const { snapshots, pieces, deltas } = checkRows(group, this.changes, this.#cut)
    for (const { partition, checksum, generation, bytes } of snapshots) {
      connection.run(
        'INSERT OR REPLACE INTO snapshots (partition, checksum, generation, bytes) VALUES (?, ?, ?, ?)',
        partition,
        checksum,
        generation,
        bytes,
      )
      connection.run('DELETE FROM pieces WHERE partition = ?', partition)
      connection.run('DELETE FROM deltas WHERE partition = ?', partition)
    }
    for (const { partition, generation, piece, checksum, bytes } of pieces) {
      connection.run(
        'INSERT INTO pieces (partition, generation, piece, checksum, bytes) VALUES (?, ?, ?, ?, ?)',
        partition,
        generation,
        piece,
        checksum,
        bytes,
      )
    }
    for (const { partition, checksum, bytes } of deltas) {
      connection.run(
        'INSERT INTO deltas (partition, checksum, bytes) VALUES (?, ?, ?)',
        partition,
        checksum,
        bytes,
      )
    }
  }

  #merge(partition: number, count: number): void {
    const connection = this.#connection
    const newest = connection
      .all(
        'SELECT id, checksum, bytes FROM deltas WHERE partition = ? ORDER BY id DESC LIMIT ?',
        partition,
        count,
      )
      .map(({ id, checksum, bytes }) => ({
        id: Number(id),
        checksum: Number(checksum),
        bytes: bytes as Uint8Array,
      }))
    const merged = mergeDeltas(partition, newest.toReversed(), this.changes)
    if (merged === null) return
    const { id, checksum, bytes, gone } = merged
    connection.run('UPDATE deltas SET checksum = ?, bytes = ? WHERE id = ?', checksum, bytes, id)
    for (const each of gone) connection.run('DELETE FROM deltas WHERE id = ?', each)
  }

  marks({ openMarks, closeMarks }: SettledGroup): void {
    for (const mark of openMarks) {
      const { id, run } = mark
      this.#remove('marks', id)
      const row = { run, intent: JSON.stringify(mark.intent), partition: partitionIn(mark) }
      const checksum = this.#checked('marks', id, markText(row))
      this.#connection.run(
        'INSERT INTO marks (id, run, intent, partition, checksum) VALUES (?, ?, ?, ?, ?)',
        id,
        run,
        row.intent,
        row.partition,
        checksum,
      )
    }
    for (const id of closeMarks) this.#remove('marks', id)
  }

  deadLetters({ deadLetters, removeDeadLetters }: SettledGroup): void {
    for (const letter of deadLetters) this.#addLetter(letter)
    for (const id of removeDeadLetters) {
      const gone = this.#connection.one(
        'DELETE FROM dead_letters WHERE id = ? RETURNING code, checksum',
        id,
      )
      if (gone !== undefined)
        this.changes.remove(letterPlace(String(gone['code'])), Number(gone['checksum']))
    }
  }

  #addLetter(letter: DeadLetter): void {
    const row = letterRow(letter)
    const id = letter.id ?? this.#nextLetter()
    const checksum = boundTo(letterChecksum(row), id)
    this.#connection.run(
      'INSERT INTO dead_letters VALUES (?, ?, ?, ?, ?, ?, ?)',
      id,
      row.run,
      row.sync,
      row.code,
      row.expiresAt,
      row.record,
      checksum,
    )
    this.changes.add(letterPlace(row.code), checksum)
  }

  /** The number SQLite would give it: its checksum is bound to it. */
  #nextLetter(): number {
    const last = this.#connection.one("SELECT seq FROM sqlite_sequence WHERE name = 'dead_letters'")
    return Number(last?.['seq'] ?? 0) + 1
  }

  records({ positions, mappings, removeMappings, values, run }: SettledGroup): void {
    for (const id of removeMappings) this.#remove('mappings', id)
    for (const one of positions) this.#position(one)
    for (const record of mappings) this.#replace('mappings', record.id, record)
    for (const { key, value } of values) this.value(key, value)
    if (run !== undefined) this.#replace('runs', run.number, run)
  }

  /** Null takes it away. */
  value(key: string, value: Json | null): void {
    if (value === null) this.#remove('values', key)
    else this.#replace('values', key, value)
  }

  #position(one: SettledGroup['positions'][number]): void {
    const { source } = one
    const partition = partitionIn(one)
    const gone = this.#connection.all(
      'DELETE FROM positions WHERE source = ? AND partition IN (?2, coalesce(?3, partition)) RETURNING checksum',
      source,
      partition,
      partition === ALL_PARTITIONS ? null : partition,
    )
    for (const { checksum } of gone) this.changes.remove('positions', Number(checksum))
    const text = JSON.stringify(one.position)
    this.#connection.run(
      'INSERT INTO positions VALUES (?, ?, ?, ?)',
      source,
      partition,
      text,
      this.#checked('positions', positionKey(source, partition), text),
    )
  }

  #replace(table: KeyedTable, key: string | number, value: unknown): void {
    this.#remove(table, key)
    const text = JSON.stringify(value)
    this.#connection.run(
      `INSERT INTO "${table}" VALUES (?, ?, ?)`,
      key,
      text,
      this.#checked(table, key, text),
    )
  }

  #remove(table: KeyedTable, key: string | number): void {
    const gone = this.#connection.one(
      `DELETE FROM "${table}" WHERE ${KEYS[table]} = ? RETURNING checksum`,
      key,
    )
    if (gone !== undefined) this.changes.remove(table, Number(gone['checksum']))
  }

  #checked(table: RecordTable, key: string | number, text: string): number {
    const checksum = recordChecksum(table, key, text)
    this.changes.add(table, checksum)
    return checksum
  }
}
