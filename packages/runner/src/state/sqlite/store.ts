import type {
  Admission,
  Beat,
  CommitGroup,
  DeadLetter,
  DeadLetterFilter,
  DeadLetterPage,
  Fleet,
  Json,
  Lease,
  MappingRecord,
  Mark,
  Membership,
  PartitionImage,
  PartitionPosition,
  RunRecord,
  SharedChange,
  SourcePosition,
  StateInfo,
  StateStore,
  WorkerCard,
  Writer,
} from '@engage-sync/core'
import { killPoint } from '../../process/kill-points.ts'
import { checkContents } from '../reading/check-contents.ts'
import { infoChecksum, infoPairs } from '../format/identity.ts'
import { BOUND_FORMAT, OWNED_FORMAT } from '../format/migrations.ts'
import { noFleet } from '../fleet/no-fleet.ts'
import { PIECE_BYTES } from '../format/pieces.ts'
import { findSums } from './checksums.ts'
import { expireLetters, writeGroup } from './commit.ts'
import type { SqliteConnection } from './connection.ts'
import { SqliteFleet } from './fleet.ts'
import { SqliteLease } from './lease.ts'
import { findSizes, loadRows } from './rows.ts'
import { SqliteRecords } from './records.ts'
import { brokenSums } from '../format/place-checksums.ts'
import { unreadable } from '../format/errors.ts'
import { settleGroup } from '../format/settle-group.ts'
import { writtenPartitions } from '../format/written-partitions.ts'

/** `StateStore` over one connection to a SQLite file. Its promises are settled when they are made. */
export class SqliteStore implements StateStore {
  readonly info: StateInfo
  readonly #connection: SqliteConnection
  readonly #now: () => number
  readonly #lease: SqliteLease
  readonly #fleet: SqliteFleet
  readonly #records: SqliteRecords
  readonly #pieceBytes: number

  constructor(
    connection: SqliteConnection,
    info: StateInfo,
    { now, pieceBytes = PIECE_BYTES }: { readonly now: () => number; readonly pieceBytes?: number },
  ) {
    this.#pieceBytes = pieceBytes
    this.#connection = connection
    this.#now = now
    this.#lease = new SqliteLease(connection, now, info.format >= OWNED_FORMAT)
    this.#fleet = new SqliteFleet(connection, this.#lease, now)
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

  join(card: WorkerCard, ttlMs: number): Promise<Membership> {
    return this.#fleet.join(card, ttlMs)
  }

  admit(card: Omit<WorkerCard, 'demand'>, admission: Admission): Promise<Membership> {
    return this.#fleet.admit(card, admission)
  }

  beat(member: Membership, ttlMs: number, newest?: string): Promise<Beat> {
    return this.#fleet.beat(member, ttlMs, newest)
  }

  claim(member: Membership, most: number): Promise<readonly number[]> {
    return this.#fleet.claim(member, most)
  }

  release(member: Membership, partitions: readonly number[]): Promise<void> {
    return this.#fleet.release(member, partitions)
  }

  leave(member: Membership): Promise<void> {
    return this.#fleet.leave(member)
  }

  changeValue<Result>(
    member: Required<Writer>,
    key: string,
    change: SharedChange<Result>,
  ): Promise<Result> {
    return this.#fleet.changeValue(member, key, change)
  }

  bury(member: Required<Writer>): Promise<void> {
    return this.#fleet.bury(member)
  }

  async fleet(): Promise<Fleet> {
    return this.info.format < OWNED_FORMAT ? noFleet(this.#now()) : await this.#fleet.fleet()
  }

  async sizes(): ReturnType<StateStore['sizes']> {
    return findSizes(this.#connection, this.info.format)
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

  async partitionPositions(): Promise<readonly PartitionPosition[]> {
    return this.#records.partitionPositions()
  }

  async mappings(): Promise<readonly MappingRecord[]> {
    return this.#records.mappings()
  }

  async values(prefix: string): Promise<ReadonlyMap<string, Json>> {
    return this.#records.values(prefix)
  }

  async nextRunNumber(): Promise<number> {
    return this.#records.nextRun()
  }

  async allotRun(): Promise<number> {
    return this.#connection.transaction(() => {
      const next = this.#records.nextRun()
      this.#connection.run('UPDATE lease SET last_run = ? WHERE id = 1', next)
      return next
    })
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

  async expireDeadLetters(writer: Writer, nowMs: number): Promise<number> {
    return this.#connection.overwriting(() =>
      this.#connection.transaction(() => {
        this.#check(writer, [])
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
    const settled = settleGroup(group)
    this.#connection.transaction(() => {
      this.#check(settled, group.worker === undefined ? [] : writtenPartitions(settled))
      writeGroup(this.#connection, settled, this.#pieceBytes)
      killPoint('in-commit')
    })
    killPoint('commit-sent')
    // SQLite goes on in a file that nobody finds any more.
    this.#connection.assertThere()
  }

  #check({ epoch, worker }: Writer, partitions: readonly number[]): void {
    if (worker === undefined) this.#lease.check(epoch)
    else this.#fleet.check({ epoch, worker }, partitions)
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
