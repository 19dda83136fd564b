import type { StateStore } from '@engage-sync/core'
import { startPostgres } from '@engage-sync/testkit'
import type { PostgresServer } from '@engage-sync/testkit'
import type { Client } from 'pg'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { exitCodeOf } from '../../../src/process/exit.ts'
import { openPostgres } from '../../../src/state/postgres/open-postgres.ts'
import type { PostgresOptions } from '../../../src/state/postgres/open-postgres.ts'
import { postgresError } from '../../../src/state/postgres/connection/errors.ts'
import { LETTER } from '../a-letter.ts'
import { countingGroup, readCounting, upTo } from '../counting-state.ts'
import { startCuttingProxy } from '../cutting-proxy.ts'
import type { Cut, CuttingProxy } from '../cutting-proxy.ts'
import { databaseFilesHold } from '../database-files.ts'

const TTL_MS = 60_000
let server: PostgresServer
let proxy: CuttingProxy
let admin: Client
let states = 0
const opened: StateStore[] = []

beforeAll(async () => {
  server = await startPostgres()
  proxy = await startCuttingProxy(server.port)
  admin = await connectAdmin()
})

afterEach(async () => {
  for (const store of opened.splice(0)) await store.close()
})

afterAll(async () => {
  await admin.end().catch(() => {})
  await proxy.close()
  await server.stop()
})

async function connectAdmin(): Promise<Client> {
  const { default: pg } = await import('pg')
  const client = new pg.Client({ connectionString: server.url })
  client.on('error', () => {})
  await client.connect()
  return client
}

/** A URL with a schema of its own. */
function freshUrl(port = server.port): string {
  return `${server.url.replace(`:${server.port}/`, `:${port}/`)}?schema=faults_${++states}`
}

async function open(url: string, options: Partial<PostgresOptions> = {}): Promise<StateStore> {
  const store = await openPostgres({
    url,
    environment: 'production',
    workspace: 'simulator',
    create: true,
    ...options,
  })
  opened.push(store)
  return store
}

async function thrownBy(
  work: Promise<unknown>,
): Promise<{ readonly code: string; readonly exit: number; readonly text: string }> {
  const error: unknown = await work.then(
    () => new Error('nothing was thrown'),
    (thrown: unknown) => thrown,
  )
  const { code, message, hint } = error as { code: string; message: string; hint?: string }
  return { code, exit: exitCodeOf(error), text: `${message} ${hint ?? ''}` }
}

/** Commits 1 to n, calling back before each. */
async function count(
  store: StateStore,
  to: number,
  before: (number: number) => unknown = () => {},
): Promise<void> {
  const lease = await store.acquireLease('the test', TTL_MS)
  const numbers: number[] = []
  for (let number = 1; number <= to; number++) {
    await before(number)
    await store.commit(countingGroup(number, lease.epoch, numbers))
    numbers.push(number)
  }
}

describe('a connection lost in the middle of a commit', () => {
  it.each<Cut>(['before', 'half', 'after', 'late'])(
    'leaves the commit done once when it is cut %s',
    async (how) => {
      const store = await open(freshUrl(proxy.port))
      const cutsBefore = proxy.cuts

      await count(store, 7, (number) => (number === 3 || number === 5) && proxy.cutNext(how))
      if (how === 'late') await proxy.deliverLate()

      expect(proxy.cuts - cutsBefore).toBe(2)
      expect(await readCounting(store)).toEqual({ numbers: upTo(7), last: [7, 7, 7] })
    },
  )

  it.each<Cut>(['before', 'after'])('takes the lease once when it is cut %s', async (how) => {
    const store = await open(freshUrl(proxy.port))
    proxy.cutNext(how)
    const lease = await store.acquireLease('the test', TTL_MS)

    expect(await store.currentLease()).toEqual(lease)
    await store.commit({ epoch: lease.epoch, values: [{ key: 'mine', value: 1 }] })
  })

  it('is told as done when it was, though the lease is another one by now', async () => {
    const url = freshUrl(proxy.port)
    const store = await open(url)
    const other = await open(url.replace(`:${proxy.port}/`, `:${server.port}/`))
    const lease = await store.acquireLease('the test', 0)
    proxy.cutNext('after')
    proxy.shut = true
    const commit = store.commit({ epoch: lease.epoch, values: [{ key: 'first', value: 1 }] })
    await expect.poll(async () => (await other.values('')).size).toBe(1)
    const taken = await other.acquireLease('another run', TTL_MS)
    await other.commit({ epoch: taken.epoch, values: [{ key: 'second', value: 1 }] })
    proxy.shut = false

    await commit
    expect((await thrownBy(store.commit({ epoch: lease.epoch }))).code).toBe('STATE_LEASE_LOST')
  })
})

describe('a server that restarts', () => {
  it.each(['fast', 'crash'] as const)(
    'costs nothing but time (%s)',
    { timeout: 60_000 },
    async (how) => {
      const store = await open(freshUrl())
      const restarts: Promise<void>[] = []

      await count(store, 40, (number) => number % 15 === 0 && restarts.push(server.restart(how)))
      await Promise.all(restarts)

      expect(await readCounting(store)).toEqual({ numbers: upTo(40), last: [40, 40, 40] })
      expect(restarts).toHaveLength(2)
      admin = await connectAdmin()
    },
  )
})

describe('a state that cannot be used', () => {
  it('says so when the server does not answer', async () => {
    const { port } = await startCuttingProxy(server.port).then(async (closed) => {
      await closed.close()
      return closed
    })

    expect(await thrownBy(open(freshUrl(port)))).toMatchObject({
      code: 'STATE_UNAVAILABLE',
      exit: 3,
    })
  })

  it('gives up a server that does not come back, and has written nothing of the commit', async () => {
    const gone = await startCuttingProxy(server.port)
    const url = freshUrl(gone.port)
    const store = await open(url, { patience: { reconnectMs: 200, statementTimeoutMs: 5000 } })
    const lease = await store.acquireLease('the test', TTL_MS)
    await gone.close()

    const commit = await thrownBy(
      store.commit({ epoch: lease.epoch, values: [{ key: 'lost', value: 1 }] }),
    )

    expect(commit).toMatchObject({ code: 'STATE_UNAVAILABLE', exit: 3 })
    const again = await open(url.replace(`:${gone.port}/`, `:${server.port}/`), { create: false })
    expect((await again.values('')).size).toBe(0)
  })

  it('gives up a statement that takes too long', async () => {
    const url = freshUrl()
    const store = await open(url, { patience: { reconnectMs: 200, statementTimeoutMs: 150 } })
    const lease = await store.acquireLease('the test', TTL_MS)
    await admin.query(`BEGIN; SELECT * FROM faults_${states}.lease FOR UPDATE`)

    const commit = await thrownBy(
      store.commit({ epoch: lease.epoch, values: [{ key: 'slow', value: 1 }] }),
    )
    await admin.query('ROLLBACK')

    expect(commit).toMatchObject({ code: 'STATE_UNAVAILABLE', exit: 3 })
    expect((await store.values('')).size).toBe(0)
    await store.commit({ epoch: lease.epoch, values: [{ key: 'quick', value: 1 }] })
  })

  it('is not there before it is made', async () => {
    expect(await thrownBy(open(freshUrl(), { create: false }))).toMatchObject({
      code: 'STATE_NOT_INITIALISED',
      exit: 9,
    })
  })

  it('says what is wrong with a server that is there', async () => {
    const nowhere = await thrownBy(open(server.url.replace(/postgres$/, 'nowhere')))
    const plain = await thrownBy(open(`${freshUrl()}&sslmode=require`))
    const missing = await thrownBy(open(`${freshUrl()}&sslmode=verify-full&sslrootcert=none.pem`))

    expect([nowhere, plain, missing].map(({ code, exit }) => [code, exit])).toEqual(
      Array(3).fill(['STATE_UNAVAILABLE', 3]),
    )
    expect(nowhere.text).toContain('no such database')
    expect(plain.text).toContain('does not speak TLS')
    expect(missing.text).toContain('cannot be read (ENOENT)')
  })

  it('refuses a wrong password, and repeats it nowhere', async () => {
    const url = server.url.replace(/:[^:@]+@/, ':wrong-secret@')

    const { text, ...refused } = await thrownBy(open(url))

    expect(refused).toEqual({ code: 'STATE_AUTH', exit: 4 })
    expect(text).not.toContain('wrong-secret')
  })

  it('says what a user without rights lacks', async () => {
    const url = freshUrl()
    await open(url)
    await admin.query("DROP ROLE IF EXISTS reader; CREATE ROLE reader LOGIN PASSWORD 'reader'")
    const asReader = url.replace(/\/\/postgres:[^@]+@/, '//reader:reader@')

    expect(await thrownBy(open(asReader))).toMatchObject({ code: 'STATE_READ_ONLY', exit: 9 })
    expect(await thrownBy(open(asReader.replace(/schema=.*/, 'schema=new_one')))).toMatchObject({
      code: 'STATE_READ_ONLY',
      exit: 9,
    })
  })

  it('is the same to a user who owns nothing but its schema', async () => {
    await admin.query(
      "DROP ROLE IF EXISTS syncer; CREATE ROLE syncer LOGIN PASSWORD 'syncer'; CREATE SCHEMA only_mine AUTHORIZATION syncer",
    )
    const store = await open(
      `${server.url.replace(/\/\/postgres:[^@]+@/, '//syncer:syncer@')}?schema=only_mine`,
    )

    await count(store, 3)
    await store.purge()

    expect((await readCounting(store)).numbers).toEqual(upTo(3))
  })

  it('is not taken for purged while a transaction may read what was deleted', async () => {
    const url = freshUrl()
    const store = await open(url)
    const { epoch } = await store.acquireLease('the test', TTL_MS)
    await store.commit({
      epoch,
      openMarks: [{ id: 'm', run: 1, intent: 'user-who-asked-to-be-forgotten' }],
    })
    const reader = await connectAdmin()
    await reader.query('BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT 1')
    await store.commit({ epoch, closeMarks: ['m'] })

    const whileRead = [
      await store.purge(),
      await databaseFilesHold(url, 'user-who-asked-to-be-forgotten'),
    ]
    await reader.end()
    const after = [
      await store.purge(),
      await databaseFilesHold(url, 'user-who-asked-to-be-forgotten'),
    ]

    expect([whileRead, after]).toEqual([
      [false, true],
      [true, false],
    ])
  })

  it.each(['a state', 'one made before'])(
    "leaves nothing of users in the server's statistics: %s",
    async (made) => {
      const url = freshUrl()
      const schema = `faults_${states}`
      const store = await open(url)
      if (made !== 'a state')
        for (const [table, column] of [
          ['snapshots', 'bytes'],
          ['deltas', 'bytes'],
          ['marks', 'intent'],
          ['dead_letters', 'record'],
        ])
          await admin.query(
            `ALTER TABLE ${schema}.${table} ALTER COLUMN ${column} SET STATISTICS -1`,
          )
      const { epoch } = await store.acquireLease('the test', TTL_MS)
      const numbers = [1, 2, 3]
      const letterOf = (number: number) => ({ ...LETTER, id: number, payload: `gone-${number}` })
      const bytesOf = (number: number) => ({
        partition: number,
        bytes: Buffer.from(`gone-${number}`),
      })
      await store.commit({
        epoch,
        openMarks: numbers.map((number) => ({
          id: `m${number}`,
          run: 1,
          intent: `gone-${number}`,
        })),
      })
      await store.commit({
        epoch,
        deadLetters: numbers.map(letterOf),
        snapshots: numbers.map(bytesOf),
        deltas: numbers.map(bytesOf),
      })
      await admin.query('ANALYZE')
      const stored = () =>
        admin.query(
          `SELECT tablename FROM pg_stats WHERE schemaname = '${schema}' AND attname IN ('bytes', 'intent', 'record')`,
        )

      const storage = async () =>
        (
          await admin.query(
            `SELECT attstorage FROM pg_attribute WHERE attrelid = '${schema}.snapshots'::regclass AND attname = 'bytes'`,
          )
        ).rows

      const before = (await stored()).rowCount
      const stores = await storage()
      await store.purge()
      await admin.query('ANALYZE')

      expect([before, (await stored()).rowCount]).toEqual([made === 'a state' ? 0 : 4, 0])
      expect([stores, await storage()]).toEqual([[{ attstorage: 'e' }], [{ attstorage: 'e' }]])
    },
  )

  it('is read-only on a server that only reads', async () => {
    const url = freshUrl()
    await open(url)

    const store = await open(`${url}&options=-c%20default_transaction_read_only%3Don`)

    expect(await thrownBy(store.acquireLease('the test', TTL_MS))).toMatchObject({
      code: 'STATE_READ_ONLY',
      exit: 9,
    })
    expect(await store.positions()).toEqual(new Map())
  })

  it('is refused when it is of a later format, of another workspace or environment, or of something else', async () => {
    const url = freshUrl()
    await count(await open(url), 1)

    expect((await thrownBy(open(url, { workspace: 'other' }))).code).toBe('STATE_OTHER_WORKSPACE')
    expect((await thrownBy(open(url, { environment: 'staging' }))).code).toBe(
      'STATE_OTHER_WORKSPACE',
    )
    await admin.query(`UPDATE faults_${states}.info SET value = '99' WHERE key = 'format'`)
    expect(await thrownBy(open(url))).toMatchObject({ code: 'STATE_NEWER', exit: 9 })
    const taken = freshUrl()
    await admin.query(
      `CREATE SCHEMA faults_${states}; CREATE TABLE faults_${states}.orders (id int)`,
    )
    expect(await thrownBy(open(taken))).toMatchObject({ code: 'STATE_UNREADABLE', exit: 9 })
  })

  it('notices rows and records that are not as they were written', async () => {
    const store = await open(freshUrl())
    await count(store, 3)
    await admin.query(
      `UPDATE faults_${states}.deltas SET bytes = set_byte(bytes, 0, 0) WHERE partition = 2`,
    )
    await admin.query(`UPDATE faults_${states}.positions SET position = '{'`)

    expect(await thrownBy(store.loadPartition(2))).toMatchObject({
      code: 'STATE_UNREADABLE',
      exit: 9,
    })
    expect((await store.check()).join('\n')).toMatch(/of its positions[^]*partition 2/)
  })

  it.each([
    ['53100', 'STATE_FULL', 9],
    ['XX001', 'STATE_UNREADABLE', 9],
    ['57P03', 'STATE_UNAVAILABLE', 3],
    ['53300', 'STATE_UNAVAILABLE', 3],
    ['55P03', 'STATE_UNAVAILABLE', 3],
    ['DEPTH_ZERO_SELF_SIGNED_CERT', 'STATE_UNAVAILABLE', 3],
    ['ECONNREFUSED', 'STATE_UNAVAILABLE', 3],
    ['42601', 'INTERNAL', 70],
  ])('reads %s as %s', (code, expected, exit) => {
    const error = postgresError(
      Object.assign(new Error('Key (email)=(a@b.c) already exists'), { code }),
      'db:5432/state',
    )

    expect([(error as { code: string }).code, exitCodeOf(error)]).toEqual([expected, exit])
    expect((error as Error).message).not.toContain('a@b.c')
  })
})
