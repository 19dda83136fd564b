import type {
  CommitGroup,
  DeadLetter,
  DeadLetterFilter,
  DeadLetterPage,
  Json,
  Lease,
  MappingRecord,
  Mark,
  PartitionImage,
  RunRecord,
  SourcePosition,
  StateInfo,
  StateStore,
} from '@engage-sync/core'
import { checkContents } from '../reading/check-contents.ts'
import { leaseLost, unreadable } from '../format/errors.ts'
import { infoChecksum, infoPairs } from '../format/identity.ts'
import { BOUND_FORMAT } from '../format/migrations.ts'
import { brokenSums } from '../format/place-checksums.ts'
import { findSums } from './checksums.ts'
import { commitQuery, expiryQuery } from './commit.ts'
import type { PostgresConnection } from './connection.ts'
import { PostgresLease } from './lease.ts'
import { onlyRow } from './only-row.ts'
import { purgePostgres } from './purge.ts'
import { PostgresRecords } from './records.ts'
import { findSizes, loadRows, newestDeltas } from './rows.ts'
import { PostgresWriter } from './writer.ts'
import type { WriteInstants } from './writer.ts'

const COMMIT_INSTANTS: WriteInstants = { made: 'in-commit', sent: 'commit-sent' }

/** `StateStore` over one connection to PostgreSQL. A commit is one statement, so one round trip. */
export class PostgresStore implements StateStore {
  readonly info: StateInfo
  readonly #connection: PostgresConnection
  readonly #schema: string
  readonly #writer: PostgresWriter
  readonly #lease: PostgresLease
  readonly #records: PostgresRecords

  /** @param schema - quoted, as it stands in statements */
  constructor(connection: PostgresConnection, schema: string, info: StateInfo) {
    this.#connection = connection
    this.#schema = schema
    this.info = info
    this.#writer = new PostgresWriter(connection, schema)
    this.#lease = new PostgresLease(connection, this.#writer, schema)
    this.#records = new PostgresRecords(connection, schema, info.format)
  }

  acquireLease(owner: string, ttlMs: number): Promise<Lease> {
    return this.#lease.acquire(owner, ttlMs)
  }

  renewLease(lease: Lease, ttlMs: number): Promise<Lease> {
    return this.#lease.renew(lease, ttlMs)
  }

  releaseLease(lease: Lease): Promise<void> {
    return this.#lease.release(lease)
  }

  currentLease(): Promise<Lease | null> {
    return this.#lease.current()
  }

  breakLease(): Promise<void> {
    return this.#lease.break()
  }

  async sizes(): ReturnType<StateStore['sizes']> {
    return await findSizes(this.#connection, this.#schema)
  }

  loadPartition(partition: number): Promise<PartitionImage> {
    return loadRows(this.#connection, partition, { schema: this.#schema, format: this.info.format })
  }

  openMarks(): Promise<readonly Mark[]> {
    return this.#records.marks()
  }

  positions(): Promise<ReadonlyMap<string, SourcePosition>> {
    return this.#records.positions()
  }

  mappings(): Promise<readonly MappingRecord[]> {
    return this.#records.mappings()
  }

  values(prefix: string): Promise<ReadonlyMap<string, Json>> {
    return this.#records.values(prefix)
  }

  async nextRunNumber(): Promise<number> {
    const text = `SELECT coalesce(max(number), 0)::float8 + 1 AS next FROM ${this.#schema}.runs`
    return onlyRow(await this.#all<{ next: number }>(text), 'the number of a run').next
  }

  runs(limit: number): Promise<readonly RunRecord[]> {
    return this.#records.runs(limit)
  }

  deadLetters(page: DeadLetterPage): Promise<readonly DeadLetter[]> {
    return this.#records.deadLetters(page)
  }

  countDeadLetters(filter: DeadLetterFilter): Promise<number> {
    return this.#records.countDeadLetters(filter)
  }

  async expireDeadLetters(epoch: number, nowMs: number): Promise<number> {
    const { text, values } = expiryQuery(this.#schema, epoch, nowMs)
    const rows = await this.#all<{ held: number; gone: number }>(text, values)
    const { held, gone } = onlyRow(rows, 'the count of dead letters')
    if (held === 0) throw leaseLost()
    return gone
  }

  commit(group: CommitGroup): Promise<void> {
    return this.#writer.write(
      group.epoch,
      async (ticket) =>
        commitQuery(this.#schema, ticket, {
          group,
          newest: await newestDeltas(this.#connection, this.#schema, group.merges ?? []),
        }),
      COMMIT_INSTANTS,
    )
  }

  async verify(): Promise<void> {
    const [first] = await this.#brokenSums()
    if (first !== undefined) throw unreadable(first)
  }

  async check(): Promise<readonly string[]> {
    return [...(await this.#brokenSums()), ...(await checkContents(this))]
  }

  async #brokenSums(): Promise<readonly string[]> {
    return this.info.format < BOUND_FORMAT
      ? []
      : brokenSums(
          await findSums(this.#connection, this.#schema),
          infoChecksum(infoPairs(this.info)),
        )
  }

  purge(): Promise<boolean> {
    return purgePostgres(this.#connection.place, this.#schema)
  }

  close(): Promise<void> {
    return this.#connection.close()
  }

  async #all<Row extends object>(
    text: string,
    values: readonly unknown[] = [],
  ): Promise<readonly Row[]> {
    return (await this.#connection.repeatable({ text, values })) as readonly Row[]
  }
}
