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
import { killPoint } from '../../process/kill-points.ts'
import { checkContents } from '../reading/check-contents.ts'
import { infoChecksum, infoPairs } from '../format/identity.ts'
import { BOUND_FORMAT } from '../format/migrations.ts'
import { findSums } from './checksums.ts'
import { expireLetters, writeGroup } from './commit.ts'
import type { SqliteConnection } from './connection.ts'
import { SqliteLease } from './lease.ts'
import { findSizes, loadRows } from './rows.ts'
import { SqliteRecords } from './records.ts'
import { brokenSums } from '../format/place-checksums.ts'
import { unreadable } from '../format/errors.ts'

/** `StateStore` over one connection to a SQLite file. Its promises are settled when they are made. */
export class SqliteStore implements StateStore {
  readonly info: StateInfo
  readonly #connection: SqliteConnection
  readonly #lease: SqliteLease
  readonly #records: SqliteRecords

  constructor(connection: SqliteConnection, info: StateInfo, now: () => number) {
    this.#connection = connection
    this.#lease = new SqliteLease(connection, now)
    this.#records = new SqliteRecords(connection, info.format)
    this.info = info
  }

  async acquireLease(owner: string, ttlMs: number): Promise<Lease> {
    return this.#lease.acquire(owner, ttlMs)
  }

  async renewLease(lease: Lease, ttlMs: number): Promise<Lease> {
    return this.#lease.renew(lease, ttlMs)
  }

  async releaseLease(lease: Lease): Promise<void> {
    this.#lease.release(lease)
  }

  async currentLease(): Promise<Lease | null> {
    return this.#lease.current()
  }

  async breakLease(): Promise<void> {
    this.#lease.break()
  }

  async sizes(): ReturnType<StateStore['sizes']> {
    return findSizes(this.#connection)
  }

  async loadPartition(partition: number): Promise<PartitionImage> {
    return loadRows(this.#connection, partition, this.info.format)
  }

  async openMarks(): Promise<readonly Mark[]> {
    return this.#records.marks()
  }

  async positions(): Promise<ReadonlyMap<string, SourcePosition>> {
    return this.#records.positions()
  }

  async mappings(): Promise<readonly MappingRecord[]> {
    return this.#records.mappings()
  }

  async values(prefix: string): Promise<ReadonlyMap<string, Json>> {
    return this.#records.values(prefix)
  }

  async nextRunNumber(): Promise<number> {
    return Number(
      this.#connection.one('SELECT coalesce(max(number), 0) + 1 AS next FROM runs')!['next'],
    )
  }

  async runs(limit: number): Promise<readonly RunRecord[]> {
    return this.#records.runs(limit)
  }

  async deadLetters(page: DeadLetterPage): Promise<readonly DeadLetter[]> {
    return this.#records.deadLetters(page)
  }

  async countDeadLetters(filter: DeadLetterFilter): Promise<number> {
    return this.#records.countDeadLetters(filter)
  }

  async expireDeadLetters(epoch: number, nowMs: number): Promise<number> {
    return this.#connection.overwriting(() =>
      this.#connection.transaction(() => {
        this.#lease.check(epoch)
        return expireLetters(this.#connection, nowMs)
      }),
    )
  }

  /** Letters keep whole records, whose pages are overwritten when they go; other pages are soon used again. */
  async commit(group: CommitGroup): Promise<void> {
    if ((group.removeDeadLetters ?? []).length === 0) this.#write(group)
    else this.#connection.overwriting(() => this.#write(group))
  }

  #write(group: CommitGroup): void {
    this.#connection.transaction(() => {
      this.#lease.check(group.epoch)
      writeGroup(this.#connection, group)
      killPoint('in-commit')
    })
    killPoint('commit-sent')
    // SQLite goes on in a file that nobody finds any more.
    this.#connection.assertThere()
  }

  async verify(): Promise<void> {
    const [first] = this.#brokenSums()
    if (first !== undefined) throw unreadable(first)
  }

  async check(): Promise<readonly string[]> {
    const problems = this.#connection
      .all('PRAGMA integrity_check')
      .map((row) => String(row['integrity_check']))
    const damaged = problems.filter((problem) => problem !== 'ok')
    return damaged.length > 0 ? damaged : [...this.#brokenSums(), ...(await checkContents(this))]
  }

  #brokenSums(): readonly string[] {
    return this.info.format < BOUND_FORMAT
      ? []
      : brokenSums(findSums(this.#connection), infoChecksum(infoPairs(this.info)))
  }

  /** A reader holds on to the log, which then keeps what was deleted. */
  async purge(): Promise<boolean> {
    this.#connection.run('VACUUM')
    killPoint('in-purge')
    return this.#connection.one('PRAGMA wal_checkpoint(TRUNCATE)')!['busy'] === 0
  }

  async close(): Promise<void> {
    this.#connection.close()
  }
}
