import type {
  Admission,
  Beat,
  Fleet,
  FleetStore,
  Membership,
  SharedChange,
  WorkerCard,
  Writer,
} from '@engage-sync/core'
import { beat } from '../fleet/beat.ts'
import { notAdmitted, workerLost, workersHold } from '../format/errors.ts'
import { DEFAULT_PATIENCE, PostgresConnection } from './connection/index.ts'
import { changeShared } from './shared-value.ts'
import { buryLapsedText, SERVER_NOW } from './lease.ts'

/** Whose owner is still there; as it was when this worker joined. */
const IS_OWNED =
  'EXISTS (SELECT 1 FROM workers WHERE workers.worker = owners.worker AND workers.epoch = owners.epoch)'

/** Those who were admitted under a lease want nothing beyond what they own. */
const IS_ADMITTED = `workers.demand = 0 AND EXISTS (
  SELECT 1 FROM owners WHERE owners.worker = workers.worker AND owners.epoch = workers.epoch
)`

/** A beat that hangs is no beat. */
const PATIENCE = { ...DEFAULT_PATIENCE, statementTimeoutMs: 10_000 }

/** Who may hold the lease, or why nobody may. */
interface LeaseRefusals {
  /** @throws {LeaseError} `STATE_LEASE_HELD` where somebody holds it */
  readonly refuseHeld: () => Promise<void>
}

/**
 * `FleetStore` in PostgreSQL, by the clock of the server.
 *
 * Every step is one statement, and may be run twice. They have a connection of their own, so that a
 * beat waits for no commit but those it must wait for: the row of a worker is locked while a commit
 * of it is under way, and goes only after that.
 */
export class PostgresFleet implements FleetStore {
  readonly #main: PostgresConnection
  readonly #schema: string
  readonly #lease: LeaseRefusals
  #own: PostgresConnection | null = null

  /** @param schema - quoted, as it stands in statements */
  constructor(connection: PostgresConnection, schema: string, lease: LeaseRefusals) {
    this.#main = connection
    this.#schema = schema
    this.#lease = lease
  }

  async join({ worker, url, fingerprint, demand }: WorkerCard, ttlMs: number): Promise<Membership> {
    const [joined] = await this.#all<{ epoch: number; expires_at: number }>(
      `WITH free AS (
         UPDATE lease SET epoch = epoch + 1, fence = 0, owner = NULL, expires_at = 0, former_write = last_write
         WHERE id = 1 AND (owner IS NULL OR expires_at <= ${SERVER_NOW})
           AND NOT EXISTS (SELECT 1 FROM workers WHERE ${IS_ADMITTED}) RETURNING epoch
       ) INSERT INTO workers
         SELECT $1, epoch, 0, ${SERVER_NOW} + $2::bigint, ${SERVER_NOW}, '', '', $3::text, $4, $5::int FROM free
       ON CONFLICT (worker) DO UPDATE SET epoch = excluded.epoch, fence = 0, expires_at = excluded.expires_at,
         seen_at = excluded.seen_at, former_write = workers.last_write, url = excluded.url,
         fingerprint = excluded.fingerprint, demand = excluded.demand
       RETURNING epoch::float8 AS epoch, expires_at::float8 AS expires_at`,
      [worker, ttlMs, url, fingerprint, demand],
    )
    if (joined !== undefined) return { worker, epoch: joined.epoch, expiresAt: joined.expires_at }
    await this.#lease.refuseHeld()
    await this.#refuseAdmitted()
    return await this.join({ worker, url, fingerprint, demand }, ttlMs)
  }

  async admit(
    { worker, url, fingerprint }: Omit<WorkerCard, 'demand'>,
    { epoch, partitions, ttlMs }: Admission,
  ): Promise<Membership> {
    const [admitted] = await this.#all<{ expires_at: number }>(
      `WITH held AS (
         UPDATE lease SET seen_at = seen_at
         WHERE id = 1 AND epoch = $2::bigint AND owner IS NOT NULL AND expires_at > ${SERVER_NOW} RETURNING epoch
       ), own AS (
         UPDATE owners SET worker = $1, epoch = held.epoch, wanted = NULL FROM held
         WHERE partition = ANY($4::int[]) AND (NOT ${IS_OWNED} OR (owners.worker = $1 AND owners.epoch = held.epoch))
         RETURNING partition
       ) INSERT INTO workers
         SELECT $1, epoch, 0, ${SERVER_NOW} + $3::bigint, ${SERVER_NOW}, '', '', $5::text, $6, 0 FROM held
         WHERE (SELECT count(*) FROM own) = cardinality($4::int[])
       ON CONFLICT (worker) DO UPDATE SET expires_at = excluded.expires_at, seen_at = excluded.seen_at
       RETURNING expires_at::float8 AS expires_at`,
      [worker, epoch, ttlMs, partitions, url, fingerprint],
    )
    if (admitted === undefined) throw notAdmitted()
    return { worker, epoch, expiresAt: admitted.expires_at }
  }

  beat(member: Membership, ttlMs: number, newest?: string): Promise<Beat> {
    const steps = {
      renew: (from: Membership) => this.#renew(from, ttlMs),
      buryLapsed: () => this.buryLapsed(ttlMs),
      fleet: () => this.fleet(),
      claim: (from: Membership, most: number) => this.claim(from, most),
      ask: (from: Membership, partitions: readonly number[]) => this.#ask(from, partitions),
    }
    return beat(steps, member, { ttlMs, newest })
  }

  async claim({ worker, epoch }: Membership, most: number): Promise<readonly number[]> {
    const rows = await this.#all<{ partition: number }>(
      `WITH me AS (SELECT worker, epoch FROM workers WHERE worker = $1 AND epoch = $2::bigint FOR SHARE),
       free AS (
         SELECT partition FROM owners WHERE NOT ${IS_OWNED} ORDER BY partition LIMIT $3::int FOR UPDATE SKIP LOCKED
       ) UPDATE owners SET worker = me.worker, epoch = me.epoch, wanted = NULL FROM me, free
       WHERE owners.partition = free.partition RETURNING owners.partition`,
      [worker, epoch, most],
    )
    return rows.map(({ partition }) => partition).toSorted((a, b) => a - b)
  }

  async release({ worker, epoch }: Membership, partitions: readonly number[]): Promise<void> {
    await this.#all(
      `UPDATE owners SET worker = NULL, epoch = 0, wanted = NULL
       WHERE partition = ANY($3::int[]) AND worker = $1 AND epoch = $2::bigint`,
      [worker, epoch, partitions],
    )
  }

  async leave(member: Membership): Promise<void> {
    await this.bury(member)
  }

  changeValue<Result>(
    member: Required<Writer>,
    key: string,
    change: SharedChange<Result>,
  ): Promise<Result> {
    return changeShared(
      (text, values) => this.#all(text, values),
      { schema: this.#schema, key, member },
      change,
    )
  }

  async bury({ worker, epoch }: Required<Writer>): Promise<void> {
    const text = 'DELETE FROM workers WHERE worker = $1 AND epoch = $2::bigint'
    await this.#all(text, [worker, epoch])
  }

  /** Has those lost whose time is over. @param graceMs - that everybody has after the server came back */
  async buryLapsed(graceMs: number): Promise<void> {
    await this.#all(buryLapsedText('workers'), [graceMs])
  }

  async fleet(): Promise<Fleet> {
    const rows = await this.#all<FleetRow>(
      `SELECT ${SERVER_NOW}::float8 AS now, (SELECT lease.epoch FROM lease WHERE id = 1)::float8 AS last, owners.partition, owners.wanted, CASE WHEN ${IS_OWNED} THEN owners.worker END AS owner,
         workers.worker, workers.epoch::float8 AS epoch, workers.expires_at::float8 AS expires_at,
         workers.seen_at::float8 AS seen_at, workers.url, workers.fingerprint, workers.demand
       FROM owners FULL JOIN workers ON false ORDER BY owners.partition, workers.worker`,
    )
    return fleetOf(rows)
  }

  async close(): Promise<void> {
    this.#own ??= new PostgresConnection(this.#main.place, PATIENCE)
    await this.#own.close()
  }

  /** @throws {LeaseError} `STATE_LEASE_HELD` where some are left whom a holder of the lease admitted */
  async #refuseAdmitted(): Promise<void> {
    await this.buryLapsed(0)
    const rows = await this.#all<{ worker: string; age: number }>(
      `SELECT worker, (${SERVER_NOW} - seen_at)::float8 AS age FROM workers WHERE ${IS_ADMITTED} ORDER BY worker`,
    )
    if (rows.length > 0)
      throw workersHold(
        rows.map(({ worker }) => worker),
        Math.max(...rows.map(({ age }) => age)),
      )
  }

  async #renew(member: Membership, ttlMs: number): Promise<Membership> {
    const [renewed] = await this.#all<{ expires_at: number }>(
      `UPDATE workers SET expires_at = ${SERVER_NOW} + $3::bigint, seen_at = ${SERVER_NOW}
       WHERE worker = $1 AND epoch = $2::bigint RETURNING expires_at::float8 AS expires_at`,
      [member.worker, member.epoch, ttlMs],
    )
    if (renewed === undefined) throw workerLost()
    return { ...member, expiresAt: renewed.expires_at }
  }

  async #ask({ worker }: Membership, partitions: readonly number[]): Promise<void> {
    await this.#all(
      'UPDATE owners SET wanted = $1 WHERE partition = ANY($2::int[]) AND worker IS NOT NULL',
      [worker, partitions],
    )
  }

  async #all<Row extends object>(
    text: string,
    values: readonly unknown[] = [],
  ): Promise<readonly Row[]> {
    this.#own ??= new PostgresConnection(this.#main.place, PATIENCE)
    const placed = text.replace(TABLES, (table) => `${this.#schema}.${table}`)
    return (await this.#own.repeatable({ text: placed, values })) as readonly Row[]
  }
}

/** Names of tables where they are read from or written to, and not before a column. */
const TABLES = /(?<=(?:FROM|UPDATE|INTO|JOIN) )(?:lease|workers|owners)\b/g

interface FleetRow {
  readonly now: number
  readonly last: number
  readonly partition: number | null
  readonly wanted: string | null
  readonly owner: string | null
  readonly worker: string | null
  readonly epoch: number
  readonly expires_at: number
  readonly seen_at: number
  readonly url: string | null
  readonly fingerprint: string
  readonly demand: number
}

function fleetOf(rows: readonly FleetRow[]): Fleet {
  const workers = rows.flatMap((row) => {
    const { worker, epoch, url, fingerprint, demand } = row
    const times = { expiresAt: row.expires_at, seenAt: row.seen_at }
    return worker === null ? [] : [{ worker, epoch, url, fingerprint, demand, ...times }]
  })
  const names = new Set(workers.map(({ worker }) => worker))
  const owners = rows.flatMap(({ partition, owner, wanted }) =>
    partition === null
      ? []
      : [{ partition, worker: owner, wanted: names.has(wanted ?? '') ? wanted : null }],
  )
  return { workers, owners, nowMs: rows[0]?.now ?? 0, epoch: rows[0]?.last ?? 0 }
}
