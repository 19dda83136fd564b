import type {
  Admission,
  Beat,
  Fleet,
  FleetStore,
  Json,
  Membership,
  SharedChange,
  WorkerCard,
  Writer,
} from '@engage-sync/core'
import { beat } from '../fleet/beat.ts'
import { leaseHeld, notAdmitted, partitionLost, workerLost, workersHold } from '../format/errors.ts'
import { recordValue } from '../format/stored-json.ts'
import { writeValue } from './commit.ts'
import type { SqliteConnection } from './connection.ts'
import type { SqliteLease } from './lease.ts'

/** `FleetStore` in a SQLite file, by the clock of this machine. Every step is a transaction of its own. */
export class SqliteFleet implements FleetStore {
  readonly #connection: SqliteConnection
  readonly #lease: SqliteLease
  readonly #now: () => number

  constructor(connection: SqliteConnection, lease: SqliteLease, now: () => number) {
    this.#connection = connection
    this.#lease = lease
    this.#now = now
  }

  async join({ worker, url, fingerprint, demand }: WorkerCard, ttlMs: number): Promise<Membership> {
    return this.#connection.transaction(() => {
      const holder = this.#lease.holder()
      if (holder !== null) throw leaseHeld(holder.owner, holder.ageMs)
      this.#refuseAdmitted()
      const epoch = this.#lease.raise()
      return this.#add({ worker, url, fingerprint, demand }, epoch, ttlMs)
    })
  }

  async admit(
    card: Omit<WorkerCard, 'demand'>,
    { epoch, partitions, ttlMs }: Admission,
  ): Promise<Membership> {
    return this.#connection.transaction(() => {
      if (this.#lease.current()?.epoch !== epoch) throw notAdmitted()
      for (const partition of partitions) {
        if (this.#isOwned(partition)) throw notAdmitted()
        const own = 'UPDATE owners SET worker = ?, epoch = ?, wanted = NULL WHERE partition = ?'
        this.#connection.run(own, card.worker, epoch, partition)
      }
      return this.#add({ ...card, demand: 0 }, epoch, ttlMs)
    })
  }

  #add({ worker, url, fingerprint, demand }: WorkerCard, epoch: number, ttlMs: number): Membership {
    const [now, expiresAt] = [this.#now(), this.#now() + ttlMs]
    this.#connection.run(
      'INSERT OR REPLACE INTO workers VALUES (?, ?, ?, ?, ?, ?, ?)',
      worker,
      epoch,
      expiresAt,
      now,
      url,
      fingerprint,
      demand,
    )
    return { worker, epoch, expiresAt }
  }

  #isOwned(partition: number): boolean {
    const owned = `SELECT 1 FROM owners JOIN workers ON workers.worker = owners.worker AND workers.epoch = owners.epoch
      WHERE partition = ?`
    return this.#connection.one(owned, partition) !== undefined
  }

  /** Inside a transaction: those who were admitted under a lease want nothing beyond what they own. */
  #refuseAdmitted(): void {
    this.#lease.buryLapsed()
    const admitted = this.#connection.all(
      `SELECT worker, seen_at FROM workers WHERE demand = 0 AND EXISTS (
         SELECT 1 FROM owners WHERE owners.worker = workers.worker AND owners.epoch = workers.epoch
       ) ORDER BY worker`,
    )
    if (admitted.length === 0) return
    const seen = admitted.map((row) => Number(row['seen_at']))
    throw workersHold(
      admitted.map(({ worker }) => String(worker)),
      this.#now() - Math.min(...seen),
    )
  }

  beat(member: Membership, ttlMs: number, newest?: string): Promise<Beat> {
    const steps = {
      renew: async (from: Membership) => this.#renew(from, ttlMs),
      buryLapsed: async () => this.#lease.buryLapsed(),
      fleet: () => this.fleet(),
      claim: (from: Membership, most: number) => this.claim(from, most),
      ask: async (from: Membership, partitions: readonly number[]) => this.#ask(from, partitions),
    }
    return beat(steps, member, { ttlMs, newest })
  }

  async claim(member: Membership, most: number): Promise<readonly number[]> {
    return this.#connection.transaction(() => {
      this.#checkMember(member)
      const rows = this.#connection.all(
        `UPDATE owners SET worker = ?1, epoch = ?2, wanted = NULL WHERE partition IN (
           SELECT partition FROM owners WHERE NOT EXISTS (
             SELECT 1 FROM workers WHERE workers.worker = owners.worker AND workers.epoch = owners.epoch
           ) ORDER BY partition LIMIT ?3
         ) RETURNING partition`,
        member.worker,
        member.epoch,
        most,
      )
      return rows.map(({ partition }) => Number(partition)).toSorted((a, b) => a - b)
    })
  }

  async release({ worker, epoch }: Membership, partitions: readonly number[]): Promise<void> {
    this.#connection.transaction(() => {
      for (const partition of partitions)
        this.#connection.run(
          'UPDATE owners SET worker = NULL, epoch = 0, wanted = NULL WHERE partition = ? AND worker = ? AND epoch = ?',
          partition,
          worker,
          epoch,
        )
    })
  }

  async leave(member: Membership): Promise<void> {
    await this.bury(member)
  }

  async changeValue<Result>(
    member: Required<Writer>,
    key: string,
    change: SharedChange<Result>,
  ): Promise<Result> {
    return this.#connection.transaction(() => {
      this.#checkMember(member)
      const row = this.#connection.one('SELECT value, checksum FROM "values" WHERE key = ?', key)
      const { value, result } = change(row === undefined ? null : valueOf(key, row), this.#now())
      if (value !== null) writeValue(this.#connection, key, value)
      return result
    })
  }

  async bury({ worker, epoch }: Required<Writer>): Promise<void> {
    this.#connection.run('DELETE FROM workers WHERE worker = ? AND epoch = ?', worker, epoch)
  }

  async fleet(): Promise<Fleet> {
    const workers = this.#connection.all('SELECT * FROM workers ORDER BY worker').map((row) => ({
      worker: String(row['worker']),
      epoch: Number(row['epoch']),
      expiresAt: Number(row['expires_at']),
      seenAt: Number(row['seen_at']),
      url: row['url'] === null ? null : String(row['url']),
      fingerprint: String(row['fingerprint']),
      demand: Number(row['demand']),
    }))
    const epochs = new Map(workers.map(({ worker, epoch }) => [worker, epoch]))
    const owners = this.#connection.all('SELECT * FROM owners ORDER BY partition').map((row) => {
      const [worker, wanted] = [String(row['worker']), String(row['wanted'])]
      return {
        partition: Number(row['partition']),
        worker: epochs.get(worker) === Number(row['epoch']) ? worker : null,
        wanted: epochs.has(wanted) ? wanted : null,
      }
    })
    return { workers, owners, nowMs: this.#now(), epoch: this.#lease.epoch }
  }

  /**
   * Inside a transaction: a worker that is not lost, and whose all these partitions are.
   *
   * @throws {LeaseError} `STATE_LEASE_LOST`
   */
  check(member: Required<Writer>, partitions: readonly number[]): void {
    this.#checkMember(member)
    for (const partition of partitions) {
      const own = 'SELECT 1 FROM owners WHERE partition = ? AND worker = ? AND epoch = ?'
      const found = this.#connection.one(own, partition, member.worker, member.epoch)
      if (found === undefined) throw partitionLost()
    }
  }

  #checkMember({ worker, epoch }: Required<Writer>): void {
    const own = 'SELECT 1 FROM workers WHERE worker = ? AND epoch = ?'
    if (this.#connection.one(own, worker, epoch) === undefined) throw workerLost()
  }

  #renew(member: Membership, ttlMs: number): Membership {
    return this.#connection.transaction(() => {
      this.#checkMember(member)
      const now = this.#now()
      this.#connection.run(
        'UPDATE workers SET expires_at = ?, seen_at = ? WHERE worker = ?',
        now + ttlMs,
        now,
        member.worker,
      )
      return { ...member, expiresAt: now + ttlMs }
    })
  }

  #ask({ worker }: Membership, partitions: readonly number[]): void {
    for (const partition of partitions)
      this.#connection.run(
        'UPDATE owners SET wanted = ? WHERE partition = ? AND worker IS NOT NULL',
        worker,
        partition,
      )
  }
}

function valueOf(key: string, row: Readonly<Record<string, unknown>>): Json {
  const [text, checksum] = [String(row['value']), Number(row['checksum'])]
  return recordValue({ table: 'values', key, text, checksum })
}
