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
import type { RecordTable } from '../format/checksum.ts'
import { BOUND_FORMAT, OWNED_FORMAT } from '../format/migrations.ts'
import { ALL_PARTITIONS, partitionOf, positionKey } from '../format/partition-column.ts'
import { letterOf, recordValue } from '../format/stored-json.ts'
import type { PostgresConnection } from './connection/index.ts'
import { onlyRow } from './connection/index.ts'

/** The dead letters of a filter; its members are the first parameters. */
const CHOSEN =
  '($1::bigint IS NULL OR run = $1) AND ($2::text IS NULL OR sync = $2) AND ($3::text IS NULL OR code = $3)'

interface Row {
  readonly key: string
  readonly text: string
  readonly checksum: number | null
}

interface StoredLetter {
  readonly number: number
  readonly run: number
  readonly sync: string
  readonly code: string
  readonly expires_at: number
  readonly record: string
  readonly checksum: number | null
}

/** What a database holds beside rows, each record as it was written there. */
export class PostgresRecords {
  readonly #connection: PostgresConnection
  readonly #schema: string
  /** The column with the checksums, which format 1 had not. */
  readonly #checksum: string
  readonly #isOwned: boolean
  /** The column with the partition, which formats before 3 had not. */
  readonly #partition: string

  /** @param schema - quoted, as it stands in statements */
  constructor(connection: PostgresConnection, schema: string, format: number) {
    this.#connection = connection
    this.#schema = schema
    this.#checksum = `${format >= BOUND_FORMAT ? 'checksum' : 'NULL'}::float8 AS checksum`
    this.#isOwned = format >= OWNED_FORMAT
    this.#partition = this.#isOwned ? 'partition' : `${ALL_PARTITIONS} AS partition`
  }

  async marks(): Promise<readonly Mark[]> {
    const rows = await this.#all<Row & { run: number; partition: number }>(
      `SELECT id AS key, run::float8 AS run, intent AS text, ${this.#partition}, ${this.#checksum}
       FROM ${this.#schema}.marks ORDER BY id COLLATE "C"`,
    )
    return rows.map(({ key, run, partition, text, checksum }) => {
      const stored = {
        table: 'marks',
        key,
        text: markText({ run, intent: text, partition }),
        json: text,
        checksum,
      } as const
      return { id: key, run, ...partitionOf(partition), intent: recordValue(stored) }
    })
  }

  async positions(): Promise<ReadonlyMap<string, Json>> {
    const whole = (await this.#positions()).filter(({ partition }) => partition === ALL_PARTITIONS)
    return new Map(whole.map(({ source, position }) => [source, position]))
  }

  async partitionPositions(): Promise<readonly PartitionPosition[]> {
    return (await this.#positions()).filter(({ partition }) => partition !== ALL_PARTITIONS)
  }

  async #positions(): Promise<readonly PartitionPosition[]> {
    const rows = await this.#all<Row & { partition: number }>(
      `SELECT source AS key, position AS text, ${this.#partition}, ${this.#checksum}
       FROM ${this.#schema}.positions ORDER BY source COLLATE "C", 3`,
    )
    return rows.map(({ key: source, partition, ...row }) => {
      const key = positionKey(source, partition)
      return { source, partition, position: valueIn('positions', { ...row, key }) }
    })
  }

  /** One more than the highest that was given to a run, or written. */
  async nextRun(): Promise<number> {
    const rows = await this.#all<{ next: number }>(`SELECT ${this.#nextRun()}::float8 AS next`)
    return onlyRow(rows, 'the number of a run').next
  }

  /** The same, and from then on given. One at a time: the row of the lease is locked. */
  async allotRun(): Promise<number> {
    const rows = await this.#all<{ next: number }>(
      `UPDATE ${this.#schema}.lease SET last_run = greatest(last_run, (${this.#lastRun})) + 1 WHERE id = 1
       RETURNING last_run::float8 AS next`,
    )
    return onlyRow(rows, 'its lease').next
  }

  get #lastRun(): string {
    return `SELECT coalesce(max(number), 0) FROM ${this.#schema}.runs`
  }

  #nextRun(): string {
    const allotted = this.#isOwned ? `(SELECT last_run FROM ${this.#schema}.lease)` : '0'
    return `greatest(${allotted}, (${this.#lastRun})) + 1`
  }

  async mappings(): Promise<readonly MappingRecord[]> {
    const rows = await this.#records(
      'id AS key, record AS text',
      'mappings ORDER BY id COLLATE "C"',
    )
    return rows.map((row) => valueIn<MappingRecord>('mappings', row))
  }

  async values(prefix: string): Promise<ReadonlyMap<string, Json>> {
    const chosen = '"values" WHERE starts_with(key, $1) ORDER BY key COLLATE "C"'
    const rows = await this.#records('key, value AS text', chosen, prefix)
    return new Map(rows.map((row) => [row.key, valueIn('values', row)]))
  }

  async runs(limit: number): Promise<readonly RunRecord[]> {
    const chosen = 'runs ORDER BY number DESC LIMIT $1::bigint'
    const rows = await this.#records('number::text AS key, record AS text', chosen, limit)
    return rows.map((row) => valueIn<RunRecord>('runs', row))
  }

  async deadLetters({
    limit,
    before,
    after,
    ids,
    ...filter
  }: DeadLetterPage): Promise<readonly DeadLetter[]> {
    const { run, sync, code } = filter
    const among = ids === undefined ? '' : 'AND id = ANY($7::bigint[])'
    const rows = await this.#all<StoredLetter>(
      `SELECT id::float8 AS number, run::float8 AS run, sync, code, expires_at::float8 AS expires_at, record,
         ${this.#checksum} FROM ${this.#schema}.dead_letters
       WHERE ${CHOSEN} AND id < $4::bigint AND id > $5::bigint ${among}
       ORDER BY id DESC LIMIT $6::bigint`,
      [
        run ?? null,
        sync ?? null,
        code ?? null,
        before ?? Number.MAX_SAFE_INTEGER,
        after ?? -1,
        limit,
        ...(ids === undefined ? [] : [ids]),
      ],
    )
    return rows.map(({ number, expires_at: expiresAt, checksum, ...row }) =>
      letterOf(number, { ...row, expiresAt }, checksum),
    )
  }

  async countDeadLetters({ run, sync, code }: DeadLetterFilter): Promise<number> {
    const text = `SELECT count(*)::float8 AS count FROM ${this.#schema}.dead_letters WHERE ${CHOSEN}`
    const rows = await this.#all<{ count: number }>(text, [run ?? null, sync ?? null, code ?? null])
    return onlyRow(rows, 'the count of dead letters').count
  }

  #records(selected: string, chosen: string, ...values: unknown[]): Promise<readonly Row[]> {
    return this.#all<Row>(
      `SELECT ${selected}, ${this.#checksum} FROM ${this.#schema}.${chosen}`,
      values,
    )
  }

  async #all<T extends object>(
    text: string,
    values: readonly unknown[] = [],
  ): Promise<readonly T[]> {
    return (await this.#connection.repeatable({ text, values })) as readonly T[]
  }
}

function valueIn<T = Json>(table: RecordTable, row: Row): T {
  return recordValue<T>({ table, ...row })
}
