import { PostgresConnection, onlyRow, readPostgresUrl } from './connection/index.ts'
import { unavailable } from '../format/errors.ts'
import { SERVER_NOW } from './lease.ts'

/** Whoever waits for an answer sends nothing meanwhile: it is better to fail, and ask again. */
const PATIENCE = { reconnectMs: 1000, statementTimeoutMs: 2000 }
/** Others change a book a few times a second, so that a second try nearly always does. */
const MAX_TRIES = 20

/** A book before and after a change, as JSON; what the change gives. */
export interface Change<Result> {
  readonly book: string
  readonly result: Result
}

/** Books that several processes change, one after another: how Braze's limits are shared out. */
export class PostgresRates {
  readonly #connection: PostgresConnection
  readonly #table: string
  readonly #changing = new Set<Promise<unknown>>()

  /** @param url - of a state in PostgreSQL that was opened before */
  constructor(url: string) {
    this.#connection = new PostgresConnection(readPostgresUrl(url), PATIENCE)
    this.#table = `"${this.#connection.place.schema}".rates`
  }

  /**
   * Changes a book on the server's clock.
   *
   * @param work - pure; asked again with what somebody else wrote meanwhile. Null for a book that is
   *   not there yet
   * @throws {SyncError} `STATE_UNAVAILABLE`
   */
  change<Result>(
    name: string,
    work: (book: string | null, nowMs: number) => Change<Result>,
  ): Promise<Result> {
    const changing = this.#change(name, work)
    const over: Promise<unknown> = changing.then(
      () => this.#changing.delete(over),
      () => this.#changing.delete(over),
    )
    this.#changing.add(over)
    return changing
  }

  /** After what is being changed: its second statement would connect again. */
  async close(): Promise<void> {
    await Promise.all(this.#changing)
    await this.#connection.close()
  }

  async #change<Result>(
    name: string,
    work: (book: string | null, nowMs: number) => Change<Result>,
  ): Promise<Result> {
    for (let tries = 0; tries < MAX_TRIES; tries++) {
      const { now, version, before } = await this.#read(name)
      const { book, result } = work(before, now)
      if (await this.#write(name, version, book)) return result
    }
    throw unavailable('Others keep changing how a rate is shared out', 'Look for too many workers.')
  }

  async #read(name: string) {
    const text = `SELECT ${SERVER_NOW}::float8 AS now, coalesce(version, 0)::float8 AS version, book AS before
      FROM (SELECT 1) one LEFT JOIN ${this.#table} ON name = $1`
    const rows = await this.#connection.repeatable<{
      now: number
      version: number
      before: string | null
    }>({ text, values: [name], isFrequent: true })
    return onlyRow(rows, 'a rate')
  }

  /** Writes over the version that was read alone; one that was written twice is another one. */
  async #write(name: string, version: number, book: string): Promise<boolean> {
    const text = `INSERT INTO ${this.#table} AS r VALUES ($1, 1, $3)
      ON CONFLICT (name) DO UPDATE SET version = r.version + 1, book = excluded.book WHERE r.version = $2
      RETURNING 1 AS written`
    const values = [name, version, book]
    const rows = await this.#connection.repeatable({ text, values, isFrequent: true })
    return rows.length > 0
  }
}
