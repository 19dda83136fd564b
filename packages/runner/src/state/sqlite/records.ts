import type {
  DeadLetter,
  DeadLetterFilter,
  DeadLetterPage,
  Json,
  MappingRecord,
  Mark,
  PartitionPosition,
  RunRecord,
} from '@engage-sync/core'
import { markText } from '../format/checksum.ts'
import type { LetterRow, RecordTable } from '../format/checksum.ts'
import { BOUND_FORMAT, OWNED_FORMAT } from '../format/migrations.ts'
import { ALL_PARTITIONS, partitionOf, positionKey } from '../format/partition-column.ts'
import { letterOf, recordValue } from '../format/stored-json.ts'
import type { SqliteConnection, SqlRow } from './connection.ts'

/** The dead letters of a filter; its members are the first parameters. */
const CHOSEN =
  '(?1 IS NULL OR run = ?1) AND (?2 IS NULL OR sync = ?2) AND (?3 IS NULL OR code = ?3)'

/** What a SQLite file holds beside rows, each record as it was written there. */
export class SqliteRecords {
  readonly #connection: SqliteConnection
  /** The column with the checksums, which format 1 had not. */
  readonly #checksum: string
  readonly #isOwned: boolean
  /** The column with the partition, which formats before 3 had not. */
  readonly #partition: string

  constructor(connection: SqliteConnection, format: number) {
    this.#connection = connection
    this.#checksum = format >= BOUND_FORMAT ? 'checksum' : 'NULL AS checksum'
    this.#isOwned = format >= OWNED_FORMAT
    this.#partition = format >= OWNED_FORMAT ? 'partition' : `${ALL_PARTITIONS} AS partition`
  }

  marks(): readonly Mark[] {
    const rows = this.#connection.all(
      `SELECT id, run, intent, ${this.#partition}, ${this.#checksum} FROM marks ORDER BY id`,
    )
    return rows.map((row) => {
      const [id, run, json] = [String(row['id']), Number(row['run']), String(row['intent'])]
      const partition = Number(row['partition'])
      const text = markText({ run, intent: json, partition })
      const stored = { table: 'marks', key: id, text, json, checksum: checksumIn(row) } as const
      return { id, run, ...partitionOf(partition), intent: recordValue(stored) }
    })
  }

  positions(): ReadonlyMap<string, Json> {
    const whole = this.#positions().filter(({ partition }) => partition === ALL_PARTITIONS)
    return new Map(whole.map(({ source, position }) => [source, position]))
  }

  partitionPositions(): readonly PartitionPosition[] {
    return this.#positions().filter(({ partition }) => partition !== ALL_PARTITIONS)
  }

  #positions(): readonly PartitionPosition[] {
    const selected = `SELECT source, ${this.#partition}, position AS text`
    const rows = this.#all(selected, 'FROM positions ORDER BY source, 2')
    return rows.map((row) => {
      const [source, partition] = [String(row['source']), Number(row['partition'])]
      const key = positionKey(source, partition)
      return { source, partition, position: valueIn('positions', { ...row, key }) }
    })
  }

  mappings(): readonly MappingRecord[] {
    return this.#all('SELECT id AS key, record AS text', 'FROM mappings ORDER BY id').map((row) =>
      valueIn<MappingRecord>('mappings', row),
    )
  }

  values(prefix: string): ReadonlyMap<string, Json> {
    const chosen = 'FROM "values" WHERE substr(key, 1, length(?)) = ? ORDER BY key'
    const rows = this.#all('SELECT key, value AS text', chosen, prefix, prefix)
    return new Map(rows.map((row) => [String(row['key']), valueIn('values', row)]))
  }

  /** One more than the highest that was given to a run, or written. */
  nextRun(): number {
    const allotted = this.#isOwned ? 'SELECT last_run FROM lease' : 'SELECT 0'
    const text = `SELECT max((${allotted}), coalesce((SELECT max(number) FROM runs), 0)) + 1 AS next`
    return Number(this.#connection.one(text)?.['next'] ?? 1)
  }

  runs(limit: number): readonly RunRecord[] {
    const chosen = 'FROM runs ORDER BY number DESC LIMIT ?'
    return this.#all('SELECT number AS key, record AS text', chosen, limit).map((row) =>
      valueIn<RunRecord>('runs', row),
    )
  }

  deadLetters({ limit, before, after, ids, ...filter }: DeadLetterPage): readonly DeadLetter[] {
    const { run, sync, code } = filter
    const among = ids === undefined ? '' : 'AND id IN (SELECT value FROM json_each(?7))'
    const rows = this.#connection.all(
      // A plain comparison, so that a page begins where the last one ended and not at the newest letter.
      `SELECT id, run, sync, code, expires_at, record, ${this.#checksum} FROM dead_letters
       WHERE ${CHOSEN} AND id < ?4 AND id > ?5 ${among} ORDER BY id DESC LIMIT ?6`,
      run ?? null,
      sync ?? null,
      code ?? null,
      before ?? Number.MAX_SAFE_INTEGER,
      after ?? -1,
      limit,
      ...(ids === undefined ? [] : [JSON.stringify(ids)]),
    )
    return rows.map((row) => letterOf(Number(row['id']), letterRowOf(row), checksumIn(row)))
  }

  countDeadLetters({ run, sync, code }: DeadLetterFilter): number {
    const text = `SELECT count(*) AS count FROM dead_letters WHERE ${CHOSEN}`
    return Number(this.#connection.one(text, run ?? null, sync ?? null, code ?? null)!['count'])
  }

  #all(selected: string, chosen: string, ...values: (string | number)[]): readonly SqlRow[] {
    return this.#connection.all(`${selected}, ${this.#checksum} ${chosen}`, ...values)
  }
}

/** A row of dead letters, for its checksum. */
export function letterRowOf(row: SqlRow): LetterRow {
  return {
    run: Number(row['run']),
    sync: String(row['sync']),
    code: String(row['code']),
    expiresAt: Number(row['expires_at']),
    record: String(row['record']),
  }
}

function valueIn<T = Json>(table: RecordTable, row: SqlRow): T {
  const key = row['key'] as string | number
  return recordValue<T>({ table, key, text: String(row['text']), checksum: checksumIn(row) })
}

function checksumIn(row: SqlRow): number | null {
  return row['checksum'] === null ? null : Number(row['checksum'])
}
