import type { Lease } from '@engage-sync/core'
import { leaseHeld, leaseLost, workersHold } from '../format/errors.ts'
import type { PostgresConnection } from './connection/index.ts'
import { onlyRow } from './connection/index.ts'
import type { PostgresWriter } from './commit/index.ts'

interface LeaseRow {
  readonly epoch: number
  readonly owner: string | null
  readonly expires_at: number
  readonly seen_at: number
  readonly now: number
}

/** Milliseconds since the epoch by the clock of the server: all runs go by the same one. */
export const SERVER_NOW = '(extract(epoch FROM clock_timestamp()) * 1000)::bigint'

/** A server that came back gives everybody time to be heard of before anybody is lost. */
const SERVER_STARTED = '(extract(epoch FROM pg_postmaster_start_time()) * 1000)::bigint'

/**
 * Has workers lost whose time is over, once commits of theirs that are under way have ended; one
 * after another by name, so that two who do it wait for each other in one order.
 *
 * @param workers - the table as it stands in the statement. `$1` is how long everybody has after the
 *   server came back, milliseconds
 */
export function buryLapsedText(workers: string): string {
  return `DELETE FROM ${workers} WHERE worker IN (
    SELECT worker FROM ${workers} WHERE greatest(expires_at, ${SERVER_STARTED} + $1::bigint) <= ${SERVER_NOW}
    ORDER BY worker FOR UPDATE
  )`
}

/** The lease of a state in PostgreSQL: a row, and conditions on it. No session holds it, so none can leave it behind. */
export class PostgresLease {
  readonly #connection: PostgresConnection
  readonly #writer: PostgresWriter
  readonly #schema: string
  readonly #hasWorkers: boolean

  constructor(
    connection: PostgresConnection,
    writer: PostgresWriter,
    { schema, hasWorkers }: { readonly schema: string; readonly hasWorkers: boolean },
  ) {
    this.#connection = connection
    this.#writer = writer
    this.#schema = schema
    this.#hasWorkers = hasWorkers
  }

  async acquire(owner: string, ttlMs: number): Promise<Lease> {
    const seen = await this.#free()
    const free = `(owner IS NULL OR expires_at <= ${SERVER_NOW})`
    const alone = this.#hasWorkers ? `AND NOT EXISTS (SELECT 1 FROM ${this.#schema}.workers)` : ''
    await this.#writer
      .write({ epoch: seen.epoch }, ({ id, epoch, fence }) => ({
        text: `WITH taken AS (
          UPDATE ${this.#schema}.lease SET epoch = epoch + 1, fence = 0, owner = $4, seen_at = ${SERVER_NOW},
            expires_at = ${SERVER_NOW} + $5::bigint, former_write = last_write, last_write = $1
          WHERE id = 1 AND epoch = $2::bigint AND fence = $3::bigint AND ${free} ${alone} RETURNING id
        ) SELECT count(*)::int AS held FROM taken`,
        values: [id, epoch, fence, owner, ttlMs],
      }))
      .catch(async (error: unknown) => this.#whoWasFaster(error))
    const taken = await this.#row()
    return { epoch: seen.epoch + 1, owner, expiresAt: taken.expires_at }
  }

  renew(lease: Lease, ttlMs: number): Promise<Lease> {
    return this.#connection.inTurn(async () => {
      const rows = await this.#connection.repeatableNow<{ expires_at: number }>({
        text: `UPDATE ${this.#schema}.lease SET expires_at = ${SERVER_NOW} + $2::bigint, seen_at = ${SERVER_NOW}
          WHERE id = 1 AND epoch = $1::bigint RETURNING expires_at::float8 AS expires_at`,
        values: [lease.epoch, ttlMs],
      })
      const [held] = rows
      if (held === undefined) throw leaseLost()
      return { ...lease, expiresAt: held.expires_at }
    })
  }

  async release(lease: Lease): Promise<void> {
    const text = `UPDATE ${this.#schema}.lease SET owner = NULL, expires_at = 0 WHERE id = 1 AND epoch = $1::bigint`
    await this.#connection.repeatable({ text, values: [lease.epoch] })
  }

  async current(): Promise<Lease | null> {
    const { epoch, owner, expires_at: expiresAt, now } = await this.#row()
    return owner === null || expiresAt <= now ? null : { epoch, owner, expiresAt }
  }

  async break(): Promise<void> {
    const gone = this.#hasWorkers ? `WITH gone AS (DELETE FROM ${this.#schema}.workers)` : ''
    const text = `${gone} UPDATE ${this.#schema}.lease SET epoch = epoch + 1, fence = 0, owner = NULL, expires_at = 0,
      former_write = last_write WHERE id = 1`
    await this.#connection.repeatable({ text })
  }

  /** @throws {LeaseError} `STATE_LEASE_HELD` where somebody holds it */
  async refuseHeld(): Promise<LeaseRow> {
    const seen = await this.#row()
    if (seen.owner === null || seen.expires_at <= seen.now) return seen
    throw leaseHeld(seen.owner, seen.now - seen.seen_at)
  }

  /** The same where workers are there. Those whose time is over are lost first. */
  async #free(): Promise<LeaseRow> {
    const seen = await this.refuseHeld()
    if (!this.#hasWorkers) return seen
    await this.#connection.repeatable({
      text: buryLapsedText(`${this.#schema}.workers`),
      values: [0],
    })
    const workers = await this.#connection.repeatable<{ worker: string; seen_at: number }>({
      text: `SELECT worker, seen_at::float8 AS seen_at FROM ${this.#schema}.workers ORDER BY worker`,
    })
    if (workers.length === 0) return seen
    const ages = workers.map((worker) => seen.now - worker.seen_at)
    throw workersHold(
      workers.map(({ worker }) => worker),
      Math.max(0, ...ages),
    )
  }

  /** Between our look at the lease and our taking it somebody else took it. */
  async #whoWasFaster(error: unknown): Promise<never> {
    if (!(error instanceof Error) || !('code' in error) || error.code !== 'STATE_LEASE_LOST')
      throw error
    const { owner, now, seen_at: seenAt } = await this.#row()
    throw leaseHeld(owner ?? 'a run that just ended', now - seenAt)
  }

  async #row(): Promise<LeaseRow> {
    const text = `SELECT epoch::float8 AS epoch, owner, expires_at::float8 AS expires_at, seen_at::float8 AS seen_at,
      ${SERVER_NOW}::float8 AS now FROM ${this.#schema}.lease WHERE id = 1`
    return onlyRow(await this.#connection.repeatable<LeaseRow>({ text }), 'its lease')
  }
}
