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
import { verified } from '../format/checksum.ts'
import { leaseLost } from '../format/errors.ts'
import { commitQuery } from './commit.ts'
import type { PostgresConnection } from './connection.ts'
import { PostgresLease } from './lease.ts'
import { onlyRow } from './only-row.ts'
import { purgePostgres } from './purge.ts'
import { PostgresWriter } from './writer.ts'
import type { WriteInstants } from './writer.ts'
import { storedJson } from '../format/stored-json.ts'

/** The dead letters of a filter; its members are the first parameters. */
const CHOSEN =
  '($1::bigint IS NULL OR run = $1) AND ($2::text IS NULL OR sync = $2) AND ($3::text IS NULL OR code = $3)'

const COMMIT_INSTANTS: WriteInstants = { made: 'in-commit', sent: 'commit-sent' }

/** `StateStore` over one connection to PostgreSQL. A commit is one statement, so one round trip. */
export class PostgresStore implements StateStore {
  readonly info: StateInfo
  readonly #connection: PostgresConnection
  readonly #schema: string
  readonly #writer: PostgresWriter
  readonly #lease: PostgresLease

  /** @param schema - quoted, as it stands in statements */
  constructor(connection: PostgresConnection, schema: string, info: StateInfo) {
    this.#connection = connection
    this.#schema = schema
    this.info = info
    this.#writer = new PostgresWriter(connection, schema)
    this.#lease = new PostgresLease(connection, this.#writer, schema)
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
    const rows = await this.#all<{
      partition: number
      snapshot: number
      delta: number
      deltas: number
    }>(`
      SELECT partition, sum(snapshot)::float8 AS snapshot, sum(delta)::float8 AS delta, sum(is_delta)::int AS deltas FROM (
        SELECT partition, octet_length(bytes) AS snapshot, 0 AS delta, 0 AS is_delta FROM ${this.#schema}.snapshots
        UNION ALL SELECT partition, 0, octet_length(bytes), 1 FROM ${this.#schema}.deltas
      ) AS pieces GROUP BY partition ORDER BY partition`)
    return rows.map(({ partition, snapshot, delta, deltas }) => ({
      partition,
      snapshotBytes: snapshot,
      deltaBytes: delta,
      deltas,
    }))
  }

  async loadPartition(partition: number): Promise<PartitionImage> {
    const number = Math.trunc(partition)
    const rows = await this.#connection.copy(
      `SELECT kind, checksum, bytes FROM (
         SELECT 0 AS kind, 0::bigint AS id, checksum, bytes FROM ${this.#schema}.snapshots WHERE partition = ${number}
         UNION ALL SELECT 1, id, checksum, bytes FROM ${this.#schema}.deltas WHERE partition = ${number}
       ) AS pieces ORDER BY kind, id`,
    )
    const pieces = rows.map(([kind, checksum, bytes]) => ({
      isSnapshot: integerOf(kind!) === 0,
      image: verified(bytes!, integerOf(checksum!), partition),
    }))
    return {
      snapshot: pieces.find(({ isSnapshot }) => isSnapshot)?.image ?? null,
      deltas: pieces.flatMap(({ isSnapshot, image }) => (isSnapshot ? [] : [image])),
    }
  }

  async openMarks(): Promise<readonly Mark[]> {
    const rows = await this.#all<{ id: string; run: number; intent: string }>(
      `SELECT id, run::float8 AS run, intent FROM ${this.#schema}.marks ORDER BY id COLLATE "C"`,
    )
    return rows.map(({ id, run, intent }) => ({ id, run, intent: storedJson(intent, 'a mark') }))
  }

  async positions(): Promise<ReadonlyMap<string, SourcePosition>> {
    const rows = await this.#all<{ source: string; position: string }>(
      `SELECT source, position FROM ${this.#schema}.positions ORDER BY source COLLATE "C"`,
    )
    return new Map(rows.map(({ source, position }) => [source, storedJson(position, 'a position')]))
  }

  async mappings(): Promise<readonly MappingRecord[]> {
    const rows = await this.#all<{ record: string }>(
      `SELECT record FROM ${this.#schema}.mappings ORDER BY id COLLATE "C"`,
    )
    return rows.map(({ record }) => storedJson<MappingRecord>(record, 'a mapping'))
  }

  async values(prefix: string): Promise<ReadonlyMap<string, Json>> {
    const rows = await this.#all<{ key: string; value: string }>(
      `SELECT key, value FROM ${this.#schema}."values" WHERE starts_with(key, $1) ORDER BY key COLLATE "C"`,
      [prefix],
    )
    return new Map(rows.map(({ key, value }) => [key, storedJson(value, 'a value')]))
  }

  async nextRunNumber(): Promise<number> {
    const text = `SELECT coalesce(max(number), 0)::float8 + 1 AS next FROM ${this.#schema}.runs`
    return onlyRow(await this.#all<{ next: number }>(text), 'the number of a run').next
  }

  async runs(limit: number): Promise<readonly RunRecord[]> {
    const rows = await this.#all<{ record: string }>(
      `SELECT record FROM ${this.#schema}.runs ORDER BY number DESC LIMIT $1::bigint`,
      [limit],
    )
    return rows.map(({ record }) => storedJson<RunRecord>(record, 'a run'))
  }

  async deadLetters({
    limit,
    before,
    run,
    sync,
    code,
  }: DeadLetterPage): Promise<readonly DeadLetter[]> {
    const rows = await this.#all<{ number: number; record: string }>(
      `SELECT id::float8 AS number, record FROM ${this.#schema}.dead_letters
       WHERE ${CHOSEN} AND id < $4::bigint ORDER BY id DESC LIMIT $5::bigint`,
      [run ?? null, sync ?? null, code ?? null, before ?? Number.MAX_SAFE_INTEGER, limit],
    )
    return rows.map(({ number, record }) => ({
      ...storedJson<DeadLetter>(record, 'a dead letter'),
      id: number,
    }))
  }

  async countDeadLetters({ run, sync, code }: DeadLetterFilter): Promise<number> {
    const text = `SELECT count(*)::float8 AS count FROM ${this.#schema}.dead_letters WHERE ${CHOSEN}`
    const rows = await this.#all<{ count: number }>(text, [run ?? null, sync ?? null, code ?? null])
    return onlyRow(rows, 'the count of dead letters').count
  }

  async expireDeadLetters(epoch: number, nowMs: number): Promise<number> {
    const rows = await this.#all<{ held: number; gone: number }>(
      `WITH held AS (SELECT id FROM ${this.#schema}.lease WHERE id = 1 AND epoch = $1::bigint FOR UPDATE),
       gone AS (DELETE FROM ${this.#schema}.dead_letters USING held WHERE expires_at < $2::bigint RETURNING 1)
       SELECT (SELECT count(*)::int FROM held) AS held, (SELECT count(*)::int FROM gone) AS gone`,
      [epoch, nowMs],
    )
    const { held, gone } = onlyRow(rows, 'the count of dead letters')
    if (held === 0) throw leaseLost()
    return gone
  }

  commit(group: CommitGroup): Promise<void> {
    return this.#writer.write(
      group.epoch,
      (ticket) => commitQuery(this.#schema, ticket, group),
      COMMIT_INSTANTS,
    )
  }

  check(): Promise<readonly string[]> {
    return checkContents(this)
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

/** A 32- or 64-bit integer in PostgreSQL's binary format. */
function integerOf(bytes: Uint8Array): number {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  return bytes.byteLength === 4 ? view.getInt32(0) : Number(view.getBigInt64(0))
}
