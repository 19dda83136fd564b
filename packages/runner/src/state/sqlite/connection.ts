import { accessSync, chmodSync, closeSync, constants, openSync, statSync } from 'node:fs'
import { dirname } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import type { StatementSync } from 'node:sqlite'
import { pathToFileURL } from 'node:url'
import { cannotOpen, wentAway } from '../format/errors.ts'
import { FORBIDDEN, guarded, PERMISSIONS } from './errors.ts'

/** What a statement takes. */
export type SqlValue = string | number | null | Uint8Array

/** A row as SQLite gives it. */
export type SqlRow = Readonly<Record<string, unknown>>

/**
 * Write-ahead log and `FULL`: a commit that returned survives the loss of power. `secure_delete=FAST` overwrites what is
 * deleted where that costs no extra writing. Pages of 16 KiB make snapshots, which span many, quick to read.
 */
const PRAGMAS = `
PRAGMA busy_timeout=5000;
PRAGMA page_size=16384;
PRAGMA journal_mode=WAL;
PRAGMA synchronous=FULL;
PRAGMA cache_size=-8192;
PRAGMA secure_delete=FAST;
PRAGMA wal_autocheckpoint=256;
`

/** What a connection that writes nothing needs of them. */
const READING = `
PRAGMA busy_timeout=5000;
PRAGMA cache_size=-8192;
PRAGMA query_only=ON;
`

/** One connection to a SQLite file, with its statements prepared once. Everything is synchronous. */
export class SqliteConnection {
  /** Path of the file, for messages. */
  readonly path: string
  readonly #database: DatabaseSync
  readonly #statements = new Map<string, StatementSync>()
  /** Which file it was when it was opened, whatever stands at its path later. */
  readonly #file: string | null

  private constructor(path: string, database: DatabaseSync) {
    this.path = path
    this.#database = database
    this.#file = fileAt(path)
  }

  /** Opens a file, made when it is missing; readable by its owner only. */
  static toWrite(path: string): SqliteConnection {
    closeSync(openSync(path, 'a', 0o600))
    if ((statSync(path).mode & 0o077) !== 0) chmodSync(path, 0o600)
    return new SqliteConnection(path, opened(new DatabaseSync(path), PRAGMAS))
  }

  /**
   * Opens a file whose records stay as they are. Who may write does what every other does at the
   * end: nothing is left in the log, which keeps what was deleted.
   */
  static toRead(path: string): SqliteConnection {
    checkReadable(path)
    try {
      return new SqliteConnection(
        path,
        opened(new DatabaseSync(path, { readOnly: !isWritable(path) }), READING),
      )
    } catch (error) {
      if (hasLog(path)) throw error
      // Beside a log SQLite keeps a file of its own; where it may not make that, nobody else writes either.
      const still = `${pathToFileURL(path).href}?immutable=1`
      return new SqliteConnection(
        path,
        opened(new DatabaseSync(still, { readOnly: true }), READING),
      )
    }
  }

  /** @throws {StateError} `STATE_UNREADABLE` when another file, or none, stands at its path by now */
  assertThere(): void {
    if (fileAt(this.path) !== this.#file) throw wentAway()
  }

  /** Does work whose deletions overwrite all they free, also whole pages, which costs writing them once more. */
  overwriting<T>(work: () => T): T {
    this.exec('PRAGMA secure_delete=ON')
    try {
      return work()
    } finally {
      if (this.#database.isOpen) this.exec('PRAGMA secure_delete=FAST')
    }
  }

  /** Runs statements without parameters. */
  exec(sql: string): void {
    this.#database.exec(sql)
  }

  one(sql: string, ...values: SqlValue[]): SqlRow | undefined {
    return guarded(this.path, () => this.#statement(sql).get(...values))
  }

  all(sql: string, ...values: SqlValue[]): readonly SqlRow[] {
    return guarded(this.path, () => this.#statement(sql).all(...values))
  }

  /** Runs one change; returns how many rows it touched. */
  run(sql: string, ...values: SqlValue[]): number {
    return guarded(this.path, () => Number(this.#statement(sql).run(...values).changes))
  }

  /** All of the work, or nothing of it. The write lock is taken first, so what the work reads stays true. */
  transaction<T>(work: () => T): T {
    return guarded(this.path, () => {
      this.#statement('BEGIN IMMEDIATE').run()
      try {
        const result = work()
        this.#statement('COMMIT').run()
        return result
      } catch (error) {
        this.#rollBack()
        throw error
      }
    })
  }

  close(): void {
    this.#statements.clear()
    if (this.#database.isOpen) guarded(this.path, () => this.#database.close())
  }

  /** A rollback that fails (a full disk can do that) must not hide why it was needed. */
  #rollBack(): void {
    if (!this.#database.isTransaction) return
    try {
      this.#statement('ROLLBACK').run()
    } catch {
      this.close()
    }
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

function opened(database: DatabaseSync, pragmas: string): DatabaseSync {
  try {
    database.exec(pragmas)
    database.prepare('SELECT count(*) FROM sqlite_schema').get()
    return database
  } catch (error) {
    database.close()
    throw error
  }
}

/** @throws {StateError} `STATE_READ_ONLY`; what the file system says where there is no such file */
function checkReadable(path: string): void {
  try {
    closeSync(openSync(path, 'r'))
  } catch (error) {
    if (FORBIDDEN.has((error as NodeJS.ErrnoException).code)) throw cannotOpen(path, PERMISSIONS)
    throw error
  }
}

function isWritable(path: string): boolean {
  try {
    for (const each of [path, dirname(path)]) accessSync(each, constants.W_OK)
    return true
  } catch {
    return false
  }
}

/** What a file is known by: two of one name may follow each other. */
function fileAt(path: string): string | null {
  const found = statSync(path, { throwIfNoEntry: false, bigint: true })
  return found === undefined ? null : `${found.dev}:${found.ino}`
}

/** Whether commits stand in the log that are not in the file yet. */
function hasLog(path: string): boolean {
  return (statSync(`${path}-wal`, { throwIfNoEntry: false })?.size ?? 0) > 0
}
