import type { RawChunk, SourcePosition } from '@engage-sync/contract'
import { eventLogContract, recordsOf, startPostgres } from '@engage-sync/testkit'
import type { PostgresServer } from '@engage-sync/testkit'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { createPostgresLog } from '../../../src/streams/postgres/log.ts'

let server: PostgresServer
beforeAll(async () => {
  server = await startPostgres()
})
afterAll(() => server.stop())

let logs = 0
const open = (schema: string, more: { retentionMs?: number; fronts?: number } = {}) =>
  createPostgresLog({ url: server.url, schema, source: 'engage', ...more })

eventLogContract('a log in PostgreSQL', async () => {
  const schema = `log_${++logs}`
  return {
    isShared: true,
    // Of three who append, two have the same front.
    open: async () => open(schema, { fronts: 2 }),
    network: {
      port: server.port,
      open: async (port) => {
        const url = server.url.replace(`:${server.port}/`, `:${port}/`)
        return createPostgresLog({ url, schema, source: 'engage' })
      },
    },
    close: async () => undefined,
  }
})

async function query(text: string): Promise<Record<string, unknown>[]> {
  const { default: pg } = await import('pg')
  const client = new pg.Client(server.url)
  await client.connect()
  const { rows } = await client.query<Record<string, unknown>>(text)
  await client.end()
  return rows
}

it('loses nothing it acknowledged, and gives nothing twice, when its server crashes under load', async () => {
  const log = open('crashed')
  const stop = new AbortController()
  const given: number[] = []
  const acknowledged: number[] = []
  const following = (async () => {
    for await (const chunk of log.follow(null, stop.signal))
      given.push(...recordsOf(chunk).map(Number))
  })()

  let next = 0
  const append = async () => {
    const number = ++next
    await log.append(Buffer.from(String(number))).then(
      () => acknowledged.push(number),
      () => new Promise((resolve) => setTimeout(resolve, 5)),
    )
  }
  const appendUntil = async (done: Promise<unknown>) => {
    let isDone = false
    void done.then(() => (isDone = true))
    while (!isDone) await Promise.all(Array.from({ length: 20 }, append))
  }
  const appendFor = async (rounds: number) => {
    for (let round = 0; round < rounds; round++)
      await Promise.all(Array.from({ length: 20 }, append))
  }
  await appendFor(10)
  await appendUntil(server.restart('crash'))
  await appendFor(10)
  await appendUntil(server.restart('fast'))
  await appendFor(10)
  while (!acknowledged.every((number) => given.includes(number)))
    await new Promise((resolve) => setTimeout(resolve, 50))
  stop.abort()
  await following
  await log.close()

  expect(acknowledged.length).toBeGreaterThan(100)
  expect(new Set(given).size).toBe(given.length)
})

it('drops days that are behind every reader and older than the retention, whole', async () => {
  const schema = 'days'
  const log = open(schema, { retentionMs: 0 })
  await log.append(Buffer.from('1\n2'))
  await query(
    `CREATE TABLE ${schema}.day_2026_01_01 PARTITION OF ${schema}.records FOR VALUES FROM ('2026-01-01 00:00+00') TO ('2026-01-02 00:00+00')`,
  )
  await query(`UPDATE ${schema}.records SET at = '2026-01-01 12:00+00'`)
  const days = async () =>
    (await query(`SELECT tablename FROM pg_tables WHERE schemaname = '${schema}'`)).filter(
      ({ tablename }) => tablename === 'day_2026_01_01',
    )
  const first = log.read(null, new AbortController().signal)[Symbol.asyncIterator]()
  const { value } = await first.next()
  const other = createPostgresLog({ url: server.url, schema, source: 'other', retentionMs: 0 })
  await other.append(Buffer.from('3'))
  await query(`UPDATE ${schema}.records SET at = '2026-01-01 12:00+00' WHERE source = 'other'`)

  await log.trim(value!.position)
  expect(await days()).toHaveLength(1)
  await open(schema, { retentionMs: 1e13 }).trim(value!.position)
  const theirs = other.read(null, new AbortController().signal)[Symbol.asyncIterator]()
  await other.trim((await theirs.next()).value!.position)

  expect(await days()).toHaveLength(0)
  await log.close()
  await other.close()
})

it('reads what comes after a log that was made anew', async () => {
  const { signal } = new AbortController()
  const log = () => open('anew', { fronts: 1 })
  const append = async (texts: readonly string[]) => {
    const made = log()
    for (const text of texts) await made.append(Buffer.from(text))
    await made.close()
  }
  const read = async (chunks: AsyncIterable<RawChunk>) => {
    const records: string[] = []
    const rejected = new Set<string>()
    let position: SourcePosition = null
    for await (const chunk of chunks) {
      records.push(...recordsOf(chunk))
      for (const { code } of chunk.rejected) rejected.add(code)
      position = chunk.position
    }
    return { records, rejected: [...rejected], position }
  }
  await append(['1', '2', '3'])
  const before = await read(log().read(null, signal))
  await query('DROP SCHEMA anew CASCADE')
  await append(['4', '5', '6', '7'])

  expect(await log().standing?.(before.position, signal)).toMatchObject({
    gone: expect.stringContaining('made anew') as string,
  })
  const after = await read(log().read(before.position, signal))
  expect(after).toMatchObject({ records: ['4', '5', '6', '7'], rejected: ['SOURCE_GONE'] })
  expect(await read(log().readBetween!(before.position, after.position, signal))).toEqual(after)
  expect((await read(log().readBefore!(before.position, signal))).records).toEqual([])
})

it('tells of records that somebody removed before they were read', async () => {
  const schema = 'removed'
  const log = open(schema, { fronts: 1 })
  await log.append(Buffer.from('1'))
  let position: SourcePosition = null
  const read = async () => {
    const records: string[] = []
    const told: string[] = []
    for await (const chunk of log.read(position, new AbortController().signal)) {
      records.push(...recordsOf(chunk))
      told.push(...chunk.rejected.map(({ code, message }) => `${code} ${message}`))
      position = chunk.position
    }
    return { records, told }
  }
  await read()
  for (const text of ['2', '3']) await log.append(Buffer.from(text))
  await query(`DELETE FROM ${schema}.records`)

  expect(await read()).toEqual({
    records: [],
    told: ['SOURCE_GONE 2 records went before they were read.'],
  })
  expect(await read()).toEqual({ records: [], told: [] })
  await log.close()
})
