import type { Client } from 'pg'
import type Cursor from 'pg-cursor'
import { describeUrl, SourceRequestError } from '../remote/index.ts'
import { databaseError } from './errors.ts'
import type { Query } from './query.ts'

/** How to reach the database. */
export interface DatabaseOptions {
  /** `postgres://…`; its user and password reach no message. */
  readonly url: string
  /** Milliseconds. */
  readonly statementTimeoutMs: number
}

/** One read-only transaction: everything read through it is of the same instant. */
export interface Snapshot {
  rows<Row>(query: Query): Promise<readonly Row[]>
  /** Rows by so many; the cursor is closed when the loop ends in any way. */
  stream<Row>(query: Query, rowsPerFetch: number): AsyncIterable<readonly Row[]>
  close(): Promise<void>
}

const CONNECT_TIMEOUT_MS = 20_000

/**
 * Open a read-only snapshot of the database.
 *
 * Shape: one connection of its own, in UTC, one repeatable-read transaction; aborting ends the
 * connection.
 *
 * @throws {SourceError} `SOURCE_UNAVAILABLE`, `SOURCE_AUTH`, `SOURCE_REQUEST`
 */
export async function openSnapshot(
  { url, statementTimeoutMs }: DatabaseOptions,
  signal: AbortSignal,
): Promise<Snapshot> {
  signal.throwIfAborted()
  const { client, createCursor } = await connect(url, statementTimeoutMs)
  // A query in flight can only be ended with its connection.
  const abort = (): void => void client.end().catch(() => {})
  const ended = new Promise<void>((resolve) => client.once('end', () => resolve()))
  signal.addEventListener('abort', abort, { once: true })
  const guard = async <T>(what: string, work: () => Promise<T>): Promise<T> => {
    try {
      return await work()
    } catch (error) {
      signal.throwIfAborted()
      throw databaseError(error, what)
    }
  }
  const close = async (): Promise<void> => {
    signal.removeEventListener('abort', abort)
    await client.end().catch(() => {})
  }
  try {
    await guard('a read-only transaction', () =>
      client.query('begin isolation level repeatable read read only'),
    )
  } catch (error) {
    await close()
    throw error
  }
  return {
    rows: <Row>(query: Query) =>
      guard(
        'reading',
        async () => (await client.query(query.text, [...query.values])).rows as Row[],
      ),
    async *stream<Row>(query: Query, rowsPerFetch: number) {
      const cursor = client.query(createCursor(query)) as Cursor<Row>
      try {
        for (;;) {
          const rows = await guard('reading', () => cursor.read(rowsPerFetch))
          if (rows.length === 0) return
          yield rows
        }
      } finally {
        // A cursor of a lost connection never answers.
        await Promise.race([cursor.close().catch(() => {}), ended])
      }
    },
    close,
  }
}

async function connect(
  url: string,
  statementTimeoutMs: number,
): Promise<{ client: Client; createCursor: (query: Query) => Cursor }> {
  const [{ default: pg }, { default: CursorClass }] = await Promise.all([
    import('pg'),
    import('pg-cursor'),
  ])
  if (!URL.canParse(url) || !/^postgres(?:ql)?:$/u.test(new URL(url).protocol)) {
    throw new SourceRequestError(
      { service: 'The Profiles Sync database', what: 'a connection' },
      `${describeUrl(url)} is no postgres:// URL`,
      {
        hint: 'Set profiles_sync.url to postgres://USER:PASSWORD@HOST:5432/DATABASE.',
      },
    )
  }
  const client = new pg.Client({
    connectionString: url,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    statement_timeout: statementTimeoutMs,
    application_name: 'engage-sync',
    options: '-c TimeZone=UTC -c default_transaction_read_only=on',
  })
  // Without a listener a connection lost between two queries would end the process; the next query
  // tells it.
  client.on('error', () => {})
  try {
    await client.connect()
  } catch (error) {
    await client.end().catch(() => {})
    throw databaseError(error, 'a connection')
  }
  return { client, createCursor: ({ text, values }) => new CursorClass(text, [...values]) }
}
