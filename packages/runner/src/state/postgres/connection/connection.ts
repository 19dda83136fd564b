import type { Client, QueryResultRow } from 'pg'
import { CopyOut } from './copy.ts'
import type { CopiedField } from './copy.ts'
import { unavailable } from '../../format/errors.ts'
import { isLost, isUnprepared, postgresError } from './errors.ts'
import { statementName } from './statement-name.ts'
import type { PostgresPlace } from './url.ts'

/** One statement and its values. */
export interface Query {
  readonly text: string
  readonly values?: readonly unknown[]
  /**
   * Comes again and again with the same text: the server reads and plans it once. Default false.
   */
  readonly isFrequent?: boolean
}

/** How patient a connection is. */
export interface Patience {
  /** How long a lost connection is tried to be made again, milliseconds. */
  readonly reconnectMs: number
  /** After how long one statement is given up, milliseconds. */
  readonly statementTimeoutMs: number
}

/** What a server says beside its answers. */
export interface Notice {
  readonly code: string | undefined
  readonly detail: string | undefined
}

/** A server that restarts is back within some seconds; a lease lasts longer than this. */
export const DEFAULT_PATIENCE: Patience = { reconnectMs: 15_000, statementTimeoutMs: 30_000 }

const CONNECT_TIMEOUT_MS = 10_000
/**
 * A server that answers nothing at all is given up later than one that could still cancel the
 * statement itself.
 */
const SILENCE_MS = 5_000
const CLOSED_HINT = 'It is opened again by whoever goes on with it.'
const FIRST_DELAY_MS = 50
const MAX_DELAY_MS = 1_000

/**
 * One connection to a PostgreSQL server, made again when it is lost.
 *
 * Statements run one after another, in the order they were asked for. What a lost one means is the
 * caller's to say: `repeatable` statements are simply run again; a `once` statement throws, and its
 * caller finds out what became of it.
 */
export class PostgresConnection {
  readonly place: PostgresPlace
  readonly #patience: Patience
  readonly #onNotice: (notice: Notice) => void
  #client: Client | null = null
  #tail: Promise<unknown> = Promise.resolve()
  #isClosed = false
  /** Since when the server is away, and when that was tried last; null while it is there. */
  #outage: { readonly sinceMs: number; readonly triedMs: number } | null = null
  /** Whether the server remembers statements; a pool that deals out connections may not. */
  #prepares = true

  constructor(
    place: PostgresPlace,
    patience: Patience = DEFAULT_PATIENCE,
    onNotice: (notice: Notice) => void = () => {},
  ) {
    this.place = place
    this.#patience = patience
    this.#onNotice = onNotice
  }

  /**
   * Connects, without a second try: a server that is not there at the start is a mistake in the URL
   * more often than a restart.
   */
  async open(): Promise<void> {
    await this.guarded(() => this.#connect())
  }

  /** Runs work whose statements nobody else's come between. */
  inTurn<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.#tail.then(work)
    this.#tail = turn.catch(() => {})
    return turn
  }

  /**
   * Runs a statement that does the same when it is run twice; a lost connection is made again for
   * it.
   */
  repeatable<Row extends QueryResultRow>(query: Query): Promise<readonly Row[]> {
    return this.inTurn(() => this.repeatableNow<Row>(query))
  }

  /** The same, for work that has its turn already. */
  repeatableNow<Row extends QueryResultRow>(query: Query): Promise<readonly Row[]> {
    return this.#again(() => this.#run<Row>(query))
  }

  /** Copies the rows of a query that takes no parameters, as bytes. */
  copy(select: string): Promise<readonly (readonly CopiedField[])[]> {
    return this.inTurn(() => this.#again(() => this.#copy(select)))
  }

  /**
   * Runs work again for as long as the connection is lost under it, and patience lasts: once for all
   * who ask while the server is away, since each of them waits for its turn, too.
   */
  async #again<T>(work: () => Promise<T>): Promise<T> {
    return await this.guarded(async () => {
      const { reconnectMs } = this.#patience
      const startedAt = performance.now()
      const { sinceMs, triedMs } = this.#outage ?? { sinceMs: startedAt, triedMs: startedAt }
      const lostAt = startedAt - triedMs > reconnectMs ? startedAt : sinceMs
      for (let delayMs = FIRST_DELAY_MS; ; delayMs = Math.min(delayMs * 2, MAX_DELAY_MS)) {
        try {
          const result = await work()
          this.#outage = null
          return result
        } catch (error) {
          if (this.#isClosed || !isLost(error)) throw error
          const nowMs = performance.now()
          this.#outage = { sinceMs: lostAt, triedMs: nowMs }
          if (nowMs + delayMs > lostAt + reconnectMs) throw error
          await new Promise((resolve) => setTimeout(resolve, delayMs))
        }
      }
    })
  }

  /**
   * Runs a statement that must not be run twice. Throws the driver's own error, so that `isLost`
   * can be asked.
   *
   * @param onSent - called once all of it is handed to the socket, before any answer is read
   */
  async onceNow<Row extends QueryResultRow>(
    query: Query,
    onSent?: () => void,
  ): Promise<readonly Row[]> {
    return await this.#run<Row>(query, onSent)
  }

  /** Runs work, turning the driver's errors into ours. */
  async guarded<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work()
    } catch (error) {
      throw postgresError(error, this.place.shown)
    }
  }

  /** Waits for what was asked for, then says goodbye. */
  async close(): Promise<void> {
    if (this.#isClosed) return
    await this.#tail
    this.#isClosed = true
    const client = this.#client
    this.#client = null
    await client?.end().catch(() => {})
  }

  async #run<Row extends QueryResultRow>(
    query: Query,
    onSent?: () => void,
  ): Promise<readonly Row[]> {
    const { text, values = [], isFrequent = false } = query
    const name = isFrequent && this.#prepares ? statementName(text) : undefined
    try {
      return await this.#with(async (client) => {
        const answer = client.query<Row>({ text, values: [...values], ...(name && { name }) })
        onSent?.()
        return (await answer).rows
      })
    } catch (error) {
      // It was refused before anything ran, so it may be sent again: whole, as all others from now on.
      if (name === undefined || !isUnprepared(error)) throw error
      this.#prepares = false
      return await this.#run(query, onSent)
    }
  }

  #copy(select: string): Promise<readonly (readonly CopiedField[])[]> {
    return this.#with(async (client) => {
      const copy = new CopyOut(select)
      await new Promise<void>((resolve, reject) => {
        copy.callback = (error) =>
          error === undefined || error === null ? resolve() : reject(error)
        client.query(copy)
      })
      return copy.rows
    })
  }

  async #with<T>(work: (client: Client) => Promise<T>): Promise<T> {
    const client = this.#client ?? (await this.#connect())
    try {
      return await work(client)
    } catch (error) {
      if (isLost(error)) this.#drop(client)
      throw error
    }
  }

  /** Whoever still asks after it was closed is told so: nobody would close another one. */
  async #connect(): Promise<Client> {
    if (this.#isClosed) throw unavailable('The state was closed meanwhile', CLOSED_HINT)
    const { default: pg } = await import('pg')
    const { statementTimeoutMs } = this.#patience
    const client = new pg.Client({
      connectionString: this.place.url,
      connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
      query_timeout: statementTimeoutMs + SILENCE_MS,
      keepAlive: true,
      application_name: 'engage-sync',
    })
    // Without a listener a connection lost between two statements would end the process; the next
    // statement tells it.
    client.on('error', () => this.#drop(client))
    client.on('notice', this.#onNotice)
    try {
      await client.connect()
      // Not among what is sent at the start: a pool such as PgBouncer refuses a start with it.
      await client.query(`SET statement_timeout = ${Math.trunc(statementTimeoutMs)}`)
    } catch (error) {
      this.#drop(client)
      throw error
    }
    this.#client = client
    return client
  }

  /** A lost connection may hang in `end`, so nobody waits for it. */
  #drop(client: Client): void {
    if (this.#client === client) this.#client = null
    void client.end().catch(() => {})
  }
}
