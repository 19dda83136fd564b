import type { Client } from 'pg'
import { isAnswer, postgresError } from './errors.ts'

/** One connection, made when it is needed, and again after it was lost. */
export class LogConnection {
  readonly #url: string
  readonly #statementMs: number
  #opening: Promise<Client> | null = null

  /** @param statementMs - after this a server that says nothing counts as gone */
  constructor(url: string, statementMs = STATEMENT_MS) {
    this.#url = url
    this.#statementMs = statementMs
  }

  /** Rows of a statement. @throws the driver's own error */
  async rows<Row extends object>(text: string, values: readonly unknown[] = []): Promise<Row[]> {
    const client = await this.#open()
    try {
      return (await client.query<Row>(text, [...values])).rows
    } catch (error) {
      // Nobody answered: whoever asks next must not wait behind that.
      if (!isAnswer(error)) void this.close()
      throw error
    }
  }

  /** The same, with what fails as an error of ours. @param what - is asked for */
  async asked<Row extends object>(
    what: string,
    text: string,
    values: readonly unknown[] = [],
  ): Promise<Row[]> {
    try {
      return await this.rows<Row>(text, values)
    } catch (error) {
      throw postgresError(error, what)
    }
  }

  async close(): Promise<void> {
    const opening = this.#opening
    this.#opening = null
    const client = await opening?.catch(() => null)
    await client?.end().catch(() => undefined)
  }

  #open(): Promise<Client> {
    if (this.#opening !== null) return this.#opening
    const opening = this.#connect(() => {
      if (this.#opening === opening) this.#opening = null
    })
    this.#opening = opening
    return opening
  }

  /** @param onLost - also where it was not made */
  async #connect(onLost: () => void): Promise<Client> {
    const { default: pg } = await import('pg')
    const client = new pg.Client({
      connectionString: this.#url,
      connectionTimeoutMillis: CONNECT_MS,
      query_timeout: this.#statementMs,
      keepAlive: true,
      application_name: 'engage-sync log',
    })
    const drop = () => {
      onLost()
      void client.end().catch(() => undefined)
    }
    // Without a listener a connection lost between two statements would end the process.
    client.on('error', drop)
    client.on('end', onLost)
    try {
      await client.connect()
    } catch (error) {
      drop()
      throw error
    }
    return client
  }
}

const CONNECT_MS = 5000
const STATEMENT_MS = 10_000
