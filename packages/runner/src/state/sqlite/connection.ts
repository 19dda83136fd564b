import { chmodSync, closeSync, openSync, statSync } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'
import type { StatementSync } from 'node:sqlite'
import { guarded } from './errors.ts'

/** What a statement takes. */
export type SqlValue = string | number | null | Uint8Array

/** A row as SQLite gives it. */
export type SqlRow = Readonly<Record<string, unknown>>

/**
 * Write-ahead log and `FULL`: a commit that returned survives the loss of power.
 * `secure_delete=FAST` overwrites what is deleted where that costs no extra writing. Pages of 16
 * KiB make snapshots, which span many, quick to read.
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

/**
 * One connection to a SQLite file, with its statements prepared once. Everything is synchronous.
 */
export class SqliteConnection {
  readonly #database: DatabaseSync
  readonly #statements = new Map<string, StatementSync>()

  /** Opens a file, made when it is missing; readable by its owner only. */
  constructor(path: string) {
    closeSync(openSync(path, 'a', 0o600))
    if ((statSync(path).mode & 0o077) !== 0) chmodSync(path, 0o600)
    this.#database = new DatabaseSync(path)
    try {
      this.#database.exec(PRAGMAS)
    } catch (error) {
      this.#database.close()
      throw error
    }
  }

  /**
   * Does work whose deletions overwrite all they free, also whole pages, which costs writing them
   * once more.
   */
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
    return guarded(() => this.#statement(sql).get(...values))
  }

  all(sql: string, ...values: SqlValue[]): readonly SqlRow[] {
    return guarded(() => this.#statement(sql).all(...values))
  }

  /** Runs one change; returns how many rows it touched. */
  run(sql: string, ...values: SqlValue[]): number {
    return guarded(() => Number(this.#statement(sql).run(...values).changes))
  }

  /**
   * All of the work, or nothing of it. The write lock is taken first, so what the work reads stays
   * true.
   */
  transaction<T>(work: () => T): T {
    return guarded(() => {
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
    if (this.#database.isOpen) guarded(() => this.#database.close())
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
