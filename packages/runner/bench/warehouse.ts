import { createWriteStream } from 'node:fs'
import { once } from 'node:events'
import { finished } from 'node:stream/promises'
import { createProfilesSyncSource } from '@engage-sync/segment'
import { startPostgres } from '@engage-sync/testkit'
import { createProfilesSyncTables } from '@engage-sync/segment/testing'
import pg from 'pg'

/** The audience everybody is in. */
export const AUDIENCE = 'loyal'
const SCHEMA = 'segment'
const NEWLINE = '\n'

/**
 * A warehouse that Segment Profiles Sync filled with the members of one audience, in a PostgreSQL
 * of its own.
 */
export interface Warehouse {
  readonly url: string
  /**
   * A source of a full pass over it, in YAML; its URL comes from the environment, as
   * `BENCH_WAREHOUSE_URL`.
   */
  readonly source: string
  /** Puts in so many members. */
  addMembers(count: number): Promise<void>
  /**
   * Lets that share of the members leave, every second by being gone altogether, and as many others
   * come.
   */
  churn(share: number): Promise<void>
  /** Writes what a full pass reads to a file of events: a record a line. */
  writeRecords(path: string): Promise<void>
  stop(): Promise<void>
}

/** Starts one. */
export async function startWarehouse(): Promise<Warehouse> {
  const server = await startPostgres()
  const client = new pg.Client({ connectionString: server.url })
  await client.connect()
  await createProfilesSyncTables((sql, parameters) => client.query(sql, parameters), SCHEMA)
  let members = 0
  return {
    url: server.url,
    source: `{ profiles_sync: { url: '\${BENCH_WAREHOUSE_URL}', schema: ${SCHEMA}, reconcile: true } }`,
    addMembers: async (count) => {
      await addMembers(client, {
        from: members + 1,
        to: members + count,
        loadedAt: '2026-01-05T10:00:00Z',
      })
      members += count
    },
    churn: async (share) => {
      const count = Math.round(members * share)
      const step = Math.round(1 / share)
      await remove(client, 'user_traits', { to: members, step })
      await remove(client, 'user_identifiers', { to: members, step: step * 2 })
      await addMembers(client, {
        from: members + 1,
        to: members + count,
        loadedAt: '2026-01-06T10:00:00Z',
      })
      members += count
    },
    writeRecords: (path) => writeRecords(server.url, path),
    stop: async () => {
      await client.end()
      await server.stop()
    },
  }
}

/** Deletes every so manieth member's rows of a table. */
async function remove(
  client: pg.Client,
  table: string,
  { to, step }: { to: number; step: number },
): Promise<void> {
  const ids = 'select md5(n::text) from generate_series(1, $1::int, $2::int) n'
  await client.query(`delete from ${SCHEMA}.${table} where canonical_segment_id in (${ids})`, [
    to,
    step,
  ])
}

async function addMembers(
  client: pg.Client,
  { from, to, loadedAt }: { from: number; to: number; loadedAt: string },
): Promise<void> {
  const insert = (table: string, columns: string, value: string) =>
    client.query(
      `insert into ${SCHEMA}.${table} (canonical_segment_id, ${columns}, value, seq, received_at, uuid_ts, "timestamp")
       select md5(n::text), ${value}, n::text, $3, $3, $3 from generate_series($1::int, $2::int) n`,
      [from, to, loadedAt],
    )
  await insert('user_identifiers', 'type', `'user_id', 'u_' || n`)
  await insert('user_traits', 'name', `'${AUDIENCE}', 'true'`)
  await client.query('vacuum analyze')
}

async function writeRecords(url: string, path: string): Promise<void> {
  const keys = { traits: [], audiences: [AUDIENCE] }
  const source = createProfilesSyncSource({ url, schema: SCHEMA, keys, mode: 'full' })
  const file = createWriteStream(path)
  for await (const { bytes, spans, count } of source.read(null, new AbortController().signal)) {
    for (let record = 0; record < count; record++) {
      file.write(bytes.slice(spans[record * 2], spans[record * 2 + 1]))
      if (!file.write(NEWLINE)) await once(file, 'drain')
    }
  }
  file.end()
  await finished(file)
}
