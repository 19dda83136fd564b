import type { Lease } from '@engage-sync/core'
import { leaseHeld, leaseLost, noLease } from '../format/errors.ts'
import type { SqliteConnection } from './connection.ts'

/** The lease of a state in a SQLite file, by the clock of this machine. Every change is a transaction of its own. */
export class SqliteLease {
  readonly #connection: SqliteConnection
  readonly #now: () => number

  constructor(connection: SqliteConnection, now: () => number) {
    this.#connection = connection
    this.#now = now
  }

  acquire(owner: string, ttlMs: number): Lease {
    return this.#connection.transaction(() => {
      const now = this.#now()
      const holder = this.holder()
      if (holder !== null) throw leaseHeld(holder.owner, holder.ageMs)
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
    this.#connection.run(
      'UPDATE lease SET epoch = epoch + 1, owner = NULL, expires_at = 0 WHERE id = 1',
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
