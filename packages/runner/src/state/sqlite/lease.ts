import type { Lease } from '@engage-sync/core'
import { leaseHeld, leaseLost, noLease, workersHold } from '../format/errors.ts'
import type { SqliteConnection } from './connection.ts'

/** The lease of a state in a SQLite file, by the clock of this machine. Every change is a transaction of its own. */
export class SqliteLease {
  readonly #connection: SqliteConnection
  readonly #now: () => number

  readonly #hasWorkers: boolean

  /** @param hasWorkers - the format knows workers. Default: it may not */
  constructor(connection: SqliteConnection, now: () => number, hasWorkers = false) {
    this.#connection = connection
    this.#hasWorkers = hasWorkers
    this.#now = now
  }

  acquire(owner: string, ttlMs: number): Lease {
    return this.#connection.transaction(() => {
      const now = this.#now()
      this.refuseAnyone()
      const lease = { epoch: this.#row().epoch + 1, owner, expiresAt: now + ttlMs }
      this.#connection.run(
        'UPDATE lease SET epoch = ?, owner = ?, expires_at = ?, seen_at = ? WHERE id = 1',
        lease.epoch,
        owner,
        lease.expiresAt,
        now,
      )
      return lease
    })
  }

  renew(lease: Lease, ttlMs: number): Lease {
    return this.#connection.transaction(() => {
      this.check(lease.epoch)
      const now = this.#now()
      this.#connection.run(
        'UPDATE lease SET expires_at = ?, seen_at = ? WHERE id = 1',
        now + ttlMs,
        now,
      )
      return { ...lease, expiresAt: now + ttlMs }
    })
  }

  release(lease: Lease): void {
    this.#connection.run(
      'UPDATE lease SET owner = NULL, expires_at = 0 WHERE id = 1 AND epoch = ?',
      lease.epoch,
    )
  }

  current(): Lease | null {
    const { epoch, owner, expiresAt } = this.#row()
    return owner === null || expiresAt <= this.#now() ? null : { epoch, owner, expiresAt }
  }

  break(): void {
    this.#connection.transaction(() => {
      if (this.#hasWorkers) this.#connection.run('DELETE FROM workers')
      this.raise()
    })
  }

  /** Of whoever took it, or joined as a worker, last. */
  get epoch(): number {
    return this.#row().epoch
  }

  /** Inside a transaction: ends whoever had it; gives the epoch that grew. */
  raise(): number {
    const text =
      'UPDATE lease SET epoch = epoch + 1, owner = NULL, expires_at = 0 WHERE id = 1 RETURNING epoch'
    const row = this.#connection.one(text)
    if (row === undefined) throw noLease()
    return Number(row['epoch'])
  }

  /** Has workers lost whose time is over. */
  buryLapsed(): void {
    this.#connection.run('DELETE FROM workers WHERE expires_at <= ?', this.#now())
  }

  /** Inside a transaction. @throws {LeaseError} `STATE_LEASE_HELD` while it is held, or workers are there */
  refuseAnyone(): void {
    const holder = this.holder()
    if (holder !== null) throw leaseHeld(holder.owner, holder.ageMs)
    if (!this.#hasWorkers) return
    this.buryLapsed()
    const workers = this.#connection.all('SELECT worker, seen_at FROM workers ORDER BY worker')
    if (workers.length === 0) return
    const seen = workers.map((row) => Number(row['seen_at']))
    throw workersHold(
      workers.map(({ worker }) => String(worker)),
      this.#now() - Math.min(...seen),
    )
  }

  /** Who holds it now, and how long ago that was said last, milliseconds; null when nobody does. */
  holder(): { readonly owner: string; readonly ageMs: number } | null {
    const { owner, expiresAt, seenAt } = this.#row()
    const now = this.#now()
    return owner === null || expiresAt <= now ? null : { owner, ageMs: now - seenAt }
  }

  /**
   * Inside a transaction: this epoch still is the current one.
   *
   * @throws {LeaseError} `STATE_LEASE_LOST`
   */
  check(epoch: number): void {
    if (this.#row().epoch !== epoch) throw leaseLost()
  }

  #row(): {
    readonly epoch: number
    readonly owner: string | null
    readonly expiresAt: number
    readonly seenAt: number
  } {
    const row = this.#connection.one('SELECT * FROM lease WHERE id = 1')
    if (row === undefined) throw noLease()
    return {
      epoch: Number(row['epoch']),
      owner: row['owner'] === null ? null : String(row['owner']),
      expiresAt: Number(row['expires_at']),
      seenAt: Number(row['seen_at']),
    }
  }
}
