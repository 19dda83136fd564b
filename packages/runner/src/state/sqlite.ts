import { chmodSync, existsSync, mkdirSync } from 'node:fs'
import { dirname } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import type { StatementSync } from 'node:sqlite'
import { randomUUID } from 'node:crypto'
import type {
  CommitGroup,
  DeadLetter,
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
import { leaseHeld, leaseLost, newerFormat, notInitialised, otherWorkspace, StateError } from './errors.ts'
import { FORMAT, SCHEMA } from './sqlite-schema.ts'
import { applyGroup } from './sqlite-commit.ts'

/** How to open a state in a file. */
export interface SqliteOptions {
  /** Absolute path of the database file. */
  readonly path: string
  readonly environment: string
  /** Fingerprint of the Braze workspace. */
  readonly workspace: string
  /** Whether a missing state is made. */
  readonly create: boolean
  readonly now: () => number
}

/**
 * Opens a state kept in one SQLite file.
 *
 * Write-ahead log, `synchronous=FULL`: a commit that returned survives the loss of power. Files are readable by their
 * owner only.
 *
 * @throws {StateError} see `StateStore`
 */
export function openSqlite(options: SqliteOptions): StateStore {
  const isNew = !existsSync(options.path)
  if (isNew && !options.create) throw notInitialised(options.path)
  return guarded(() => {
    mkdirSync(dirname(options.path), { recursive: true, mode: 0o700 })
    const database = new DatabaseSync(options.path)
    chmodSync(options.path, 0o600)
    database.exec('PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA busy_timeout=5000; PRAGMA cache_size=-8192;')
    return new SqliteStore(database, options, readInfo(database, options))
  })
}

function readInfo(database: DatabaseSync, options: SqliteOptions): StateInfo {
  const hasTables = database.prepare("SELECT 1 FROM sqlite_master WHERE name = 'info'").get() !== undefined
  if (!hasTables) initialise(database, options)
  const stored = new Map(
    database
      .prepare('SELECT key, value FROM info')
      .all()
      .map((row) => [String(row['key']), String(row['value'])]),
  )
  const info: StateInfo = {
    format: Number(stored.get('format')),
    id: stored.get('id') ?? '',
    environment: stored.get('environment') ?? '',
    workspace: stored.get('workspace') ?? '',
    createdAt: stored.get('created_at') ?? '',
  }
  if (info.format > FORMAT) throw newerFormat(info.format, FORMAT)
  if (info.workspace !== options.workspace) throw otherWorkspace(options.environment)
  return info
}

function initialise(database: DatabaseSync, options: SqliteOptions): void {
  const insert = (key: string, value: string) => database.prepare('INSERT INTO info VALUES (?, ?)').run(key, value)
  database.exec(`BEGIN IMMEDIATE; ${SCHEMA}`)
  insert('format', String(FORMAT))
  insert('id', randomUUID())
  insert('environment', options.environment)
  insert('workspace', options.workspace)
  insert('created_at', new Date(options.now()).toISOString())
  database.exec('COMMIT')
}

/** Runs a piece of work, turning SQLite's errors into ours. */
export function guarded<T>(work: () => T): T {
  try {
    return work()
  } catch (error) {
    throw translate(error)
  }
}

const SQLITE_FULL = 13
const SQLITE_READONLY = 8
const SQLITE_CANTOPEN = 14
const SQLITE_IOERR = 10
const SQLITE_BUSY = 5

function translate(error: unknown): unknown {
  const { errcode, code } = error as { errcode?: number; code?: string }
  if (errcode === undefined && (code === 'EROFS' || code === 'EACCES'))
    return new StateError('STATE_READ_ONLY', 'The state directory cannot be written to', { hint: 'Check its permissions.' })
  if (errcode === undefined && code === 'ENOSPC') return full()
  if (errcode === undefined) return error
  const primary = errcode & 0xff
  if (primary === SQLITE_FULL) return full()
  if (primary === SQLITE_READONLY || primary === SQLITE_CANTOPEN)
    return new StateError('STATE_READ_ONLY', 'The state file cannot be written to', {
      hint: 'Check its permissions and those of its directory.',
    })
  if (primary === SQLITE_BUSY)
    return new StateError('STATE_UNAVAILABLE', 'The state file is locked by another process', { hint: 'Wait until it is done.' })
  if (primary === SQLITE_IOERR)
    return new StateError('STATE_UNREADABLE', `The state file cannot be read or written (SQLite ${errcode})`, {
      hint: 'Check the disk, and its free space.',
    })
  return new StateError('STATE_UNREADABLE', `The state file is damaged (SQLite ${errcode})`, {
    hint: 'Restore it from a backup, or rebuild it: `engage-sync state reset`, then a run with --reread.',
  })
}

function full(): StateError {
  return new StateError('STATE_FULL', 'The disk of the state is full', {
    hint: 'Free some space. Nothing of the last commit was kept; everything before it was.',
  })
}

/** `StateStore` over one database connection. Calls are synchronous inside. */
class SqliteStore implements StateStore {
  readonly info: StateInfo
  readonly #database: DatabaseSync
  readonly #options: SqliteOptions
  readonly #statements = new Map<string, StatementSync>()

  constructor(database: DatabaseSync, options: SqliteOptions, info: StateInfo) {
    this.#database = database
    this.#options = options
    this.info = info
  }

  acquireLease(owner: string, ttlMs: number): Promise<Lease> {
    return this.#transaction(() => {
      const held = this.#one('SELECT * FROM lease WHERE id = 1')!
      const now = this.#options.now()
      if (held['owner'] !== null && Number(held['expires_at']) > now) throw leaseHeld(String(held['owner']), now - Number(held['seen_at']))
      const lease = { epoch: Number(held['epoch']) + 1, owner, expiresAt: now + ttlMs }
      this.#run('UPDATE lease SET epoch = ?, owner = ?, expires_at = ?, seen_at = ? WHERE id = 1', lease.epoch, owner, lease.expiresAt, now)
      return lease
    })
  }

  renewLease(lease: Lease, ttlMs: number): Promise<Lease> {
    return this.#transaction(() => {
      this.#checkEpoch(lease.epoch)
      const now = this.#options.now()
      this.#run('UPDATE lease SET expires_at = ?, seen_at = ? WHERE id = 1', now + ttlMs, now)
      return { ...lease, expiresAt: now + ttlMs }
    })
  }

  releaseLease(lease: Lease): Promise<void> {
    return this.#transaction(() => {
      this.#run('UPDATE lease SET owner = NULL, expires_at = 0 WHERE id = 1 AND epoch = ?', lease.epoch)
    })
  }

  async currentLease(): Promise<Lease | null> {
    const held = guarded(() => this.#one('SELECT * FROM lease WHERE id = 1')!)
    if (held['owner'] === null || Number(held['expires_at']) <= this.#options.now()) return null
    return { epoch: Number(held['epoch']), owner: String(held['owner']), expiresAt: Number(held['expires_at']) }
  }

  breakLease(): Promise<void> {
    return this.#transaction(() => {
      this.#run('UPDATE lease SET epoch = epoch + 1, owner = NULL, expires_at = 0 WHERE id = 1')
    })
  }

  async sizes(): ReturnType<StateStore['sizes']> {
    const snapshots = new Map(
      this.#all('SELECT partition, length(bytes) AS size FROM snapshots').map((row) => [Number(row['partition']), Number(row['size'])]),
    )
    const deltas = new Map(
      this.#all('SELECT partition, count(*) AS number, sum(length(bytes)) AS size FROM deltas GROUP BY partition').map((row) => [
        Number(row['partition']),
        row,
      ]),
    )
    return [...new Set([...snapshots.keys(), ...deltas.keys()])].map((partition) => ({
      partition,
      snapshotBytes: snapshots.get(partition) ?? 0,
      deltaBytes: Number(deltas.get(partition)?.['size'] ?? 0),
      deltas: Number(deltas.get(partition)?.['number'] ?? 0),
    }))
  }

  async loadPartition(partition: number): Promise<PartitionImage> {
    return guarded(() => {
      const snapshot = this.#one('SELECT bytes FROM snapshots WHERE partition = ?', partition)
      const deltas = this.#all('SELECT bytes FROM deltas WHERE partition = ? ORDER BY id', partition)
      return {
        snapshot: snapshot === undefined ? null : (snapshot['bytes'] as Uint8Array),
        deltas: deltas.map((row) => row['bytes'] as Uint8Array),
      }
    })
  }

  async openMarks(): Promise<readonly Mark[]> {
    return this.#all('SELECT id, run, intent FROM marks ORDER BY id').map((row) => ({
      id: String(row['id']),
      run: Number(row['run']),
      intent: parse(row['intent']),
    }))
  }

  async positions(): Promise<ReadonlyMap<string, SourcePosition>> {
    return new Map(this.#all('SELECT source, position FROM positions').map((row) => [String(row['source']), parse(row['position'])]))
  }

  async mappings(): Promise<readonly MappingRecord[]> {
    return this.#all('SELECT record FROM mappings ORDER BY id').map((row) => parse(row['record']) as unknown as MappingRecord)
  }

  async values(prefix: string): Promise<ReadonlyMap<string, Json>> {
    const rows = this.#all('SELECT key, value FROM "values" WHERE substr(key, 1, ?) = ?', prefix.length, prefix)
    return new Map(rows.map((row) => [String(row['key']), parse(row['value'])]))
  }

  async nextRunNumber(): Promise<number> {
    return Number(this.#one('SELECT coalesce(max(number), 0) + 1 AS next FROM runs')!['next'])
  }

  async runs(limit: number): Promise<readonly RunRecord[]> {
    return this.#all('SELECT record FROM runs ORDER BY number DESC LIMIT ?', limit).map(
      (row) => parse(row['record']) as unknown as RunRecord,
    )
  }

  async deadLetters(filter: { limit: number; run?: number; sync?: string }): Promise<readonly DeadLetter[]> {
    const rows = this.#all(
      'SELECT id, record FROM dead_letters WHERE (? IS NULL OR run = ?) AND (? IS NULL OR sync = ?) ORDER BY id DESC LIMIT ?',
      filter.run ?? null,
      filter.run ?? null,
      filter.sync ?? null,
      filter.sync ?? null,
      filter.limit,
    )
    return rows.map((row) => ({ ...(parse(row['record']) as unknown as DeadLetter), id: Number(row['id']) }))
  }

  expireDeadLetters(epoch: number, nowMs: number): Promise<number> {
    return this.#transaction(() => {
      this.#checkEpoch(epoch)
      return Number(this.#statement('DELETE FROM dead_letters WHERE expires_at < ?').run(nowMs).changes)
    })
  }

  commit(group: CommitGroup): Promise<void> {
    return this.#transaction(() => {
      this.#checkEpoch(group.epoch)
      applyGroup(group, (sql) => this.#statement(sql))
    })
  }

  async check(): Promise<readonly string[]> {
    const problems = this.#all('PRAGMA integrity_check').map((row) => String(row['integrity_check']))
    return problems.filter((problem) => problem !== 'ok')
  }

  async close(): Promise<void> {
    this.#statements.clear()
    if (this.#database.isOpen) this.#database.close()
  }

  #checkEpoch(epoch: number): void {
    if (Number(this.#one('SELECT epoch FROM lease WHERE id = 1')!['epoch']) !== epoch) throw leaseLost()
  }

  async #transaction<T>(work: () => T): Promise<T> {
    return guarded(() => {
      this.#statement('BEGIN IMMEDIATE').run()
      try {
        const result = work()
        this.#statement('COMMIT').run()
        return result
      } catch (error) {
        if (this.#database.isTransaction) this.#statement('ROLLBACK').run()
        throw error
      }
    })
  }

  #one(sql: string, ...values: SqlValue[]): Record<string, unknown> | undefined {
    return this.#statement(sql).get(...values)
  }

  #all(sql: string, ...values: SqlValue[]): Record<string, unknown>[] {
    return guarded(() => this.#statement(sql).all(...values))
  }

  #run(sql: string, ...values: SqlValue[]): void {
    this.#statement(sql).run(...values)
  }

  #statement(sql: string): StatementSync {
    let statement = this.#statements.get(sql)
    if (statement === undefined) {
      statement = this.#database.prepare(sql)
      this.#statements.set(sql, statement)
    }
    return statement
  }
}

type SqlValue = string | number | null | Uint8Array

function parse(text: unknown): Json {
  return JSON.parse(String(text)) as Json
}
