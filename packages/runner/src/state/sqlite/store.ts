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
import { verified } from '../format/checksum.ts'
import { writeGroup } from './commit.ts'
import type { SqliteConnection } from './connection.ts'
import { SqliteLease } from './lease.ts'
import { storedJson } from '../format/stored-json.ts'

/** The dead letters of a filter; its members are the first parameters. */
const CHOSEN =
  '(?1 IS NULL OR run = ?1) AND (?2 IS NULL OR sync = ?2) AND (?3 IS NULL OR code = ?3)'

/**
 * `StateStore` over one connection to a SQLite file. Its promises are settled when they are made.
 */
export class SqliteStore implements StateStore {
  readonly info: StateInfo
  readonly #connection: SqliteConnection
  readonly #lease: SqliteLease

  constructor(connection: SqliteConnection, info: StateInfo, now: () => number) {
    this.#connection = connection
    this.#lease = new SqliteLease(connection, now)
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
    const rows = this.#connection.all(`
      SELECT partition, sum(snapshot) AS snapshot, sum(delta) AS delta, sum(is_delta) AS deltas FROM (
        SELECT partition, length(bytes) AS snapshot, 0 AS delta, 0 AS is_delta FROM snapshots
        UNION ALL SELECT partition, 0, length(bytes), 1 FROM deltas
      ) GROUP BY partition ORDER BY partition`)
    return rows.map((row) => ({
      partition: Number(row['partition']),
      snapshotBytes: Number(row['snapshot']),
      deltaBytes: Number(row['delta']),
      deltas: Number(row['deltas']),
    }))
  }

  async loadPartition(partition: number): Promise<PartitionImage> {
    const rows = this.#connection.all(
      `SELECT 0 AS kind, 0 AS id, checksum, bytes FROM snapshots WHERE partition = ?1
       UNION ALL SELECT 1, id, checksum, bytes FROM deltas WHERE partition = ?1 ORDER BY kind, id`,
      partition,
    )
    const pieces = rows.map(({ kind, bytes, checksum }) => ({
      isSnapshot: kind === 0,
      image: verified(bytes as Uint8Array, Number(checksum), partition),
    }))
    return {
      snapshot: pieces.find(({ isSnapshot }) => isSnapshot)?.image ?? null,
      deltas: pieces.flatMap(({ isSnapshot, image }) => (isSnapshot ? [] : [image])),
    }
  }

  async openMarks(): Promise<readonly Mark[]> {
    return this.#connection.all('SELECT id, run, intent FROM marks ORDER BY id').map((row) => ({
      id: String(row['id']),
      run: Number(row['run']),
      intent: storedJson(row['intent'], 'a mark'),
    }))
  }

  async positions(): Promise<ReadonlyMap<string, SourcePosition>> {
    const rows = this.#connection.all('SELECT source, position FROM positions ORDER BY source')
    return new Map(
      rows.map((row) => [String(row['source']), storedJson(row['position'], 'a position')]),
    )
  }

  async mappings(): Promise<readonly MappingRecord[]> {
    return this.#connection
      .all('SELECT record FROM mappings ORDER BY id')
      .map((row) => storedJson<MappingRecord>(row['record'], 'a mapping'))
  }

  async values(prefix: string): Promise<ReadonlyMap<string, Json>> {
    const rows = this.#connection.all(
      'SELECT key, value FROM "values" WHERE substr(key, 1, length(?)) = ? ORDER BY key',
      prefix,
      prefix,
    )
    return new Map(rows.map((row) => [String(row['key']), storedJson(row['value'], 'a value')]))
  }

  async nextRunNumber(): Promise<number> {
    return Number(
      this.#connection.one('SELECT coalesce(max(number), 0) + 1 AS next FROM runs')!['next'],
    )
  }

  async runs(limit: number): Promise<readonly RunRecord[]> {
    return this.#connection
      .all('SELECT record FROM runs ORDER BY number DESC LIMIT ?', limit)
      .map((row) => storedJson<RunRecord>(row['record'], 'a run'))
  }

  async deadLetters({
    limit,
    before,
    run,
    sync,
    code,
  }: DeadLetterPage): Promise<readonly DeadLetter[]> {
    const rows = this.#connection.all(
      // A plain comparison, so that a page begins where the last one ended and not at the newest
      // letter.
      `SELECT id, record FROM dead_letters WHERE ${CHOSEN} AND id < ?4 ORDER BY id DESC LIMIT ?5`,
      run ?? null,
      sync ?? null,
      code ?? null,
      before ?? Number.MAX_SAFE_INTEGER,
      limit,
    )
    return rows.map((row) => ({
      ...storedJson<DeadLetter>(row['record'], 'a dead letter'),
      id: Number(row['id']),
    }))
  }

  async countDeadLetters({ run, sync, code }: DeadLetterFilter): Promise<number> {
    const text = `SELECT count(*) AS count FROM dead_letters WHERE ${CHOSEN}`
    return Number(this.#connection.one(text, run ?? null, sync ?? null, code ?? null)!['count'])
  }

  async expireDeadLetters(epoch: number, nowMs: number): Promise<number> {
    return this.#connection.overwriting(() =>
      this.#connection.transaction(() => {
        this.#lease.check(epoch)
        return this.#connection.run('DELETE FROM dead_letters WHERE expires_at < ?', nowMs)
      }),
    )
  }

  /**
   * Letters keep whole records, whose pages are overwritten when they go; other pages are soon used
   * again.
   */
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
  }

  async check(): Promise<readonly string[]> {
    const problems = this.#connection
      .all('PRAGMA integrity_check')
      .map((row) => String(row['integrity_check']))
    const damaged = problems.filter((problem) => problem !== 'ok')
    return damaged.length > 0 ? damaged : checkContents(this)
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
