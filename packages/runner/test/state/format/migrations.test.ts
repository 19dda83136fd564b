import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { StateStore } from '@engage-sync/core'
import { startPostgres } from '@engage-sync/testkit'
import type { PostgresServer } from '@engage-sync/testkit'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { recordChecksum } from '../../../src/state/format/checksum.ts'
import { stepsTo } from '../../../src/state/format/migrations.ts'
import type { StateSchema } from '../../../src/state/format/migrations.ts'
import { openPostgres } from '../../../src/state/postgres/open-postgres.ts'
import type { Migrating } from '../../../src/state/postgres/format/migrating.ts'
import { POSTGRES_SCHEMA } from '../../../src/state/postgres/format/schema.ts'
import type { SqliteConnection } from '../../../src/state/sqlite/connection.ts'
import { openSqlite } from '../../../src/state/sqlite/open-sqlite.ts'
import { SQLITE_SCHEMA } from '../../../src/state/sqlite/schema.ts'

const expected = { environment: 'local', workspace: 'simulator', create: true }

type Run<Database> = (database: Database, sql: string) => void | Promise<void>

/** A format two steps after today's: one that adds a value, one that renames it. */
function twoFormatsOn<Database>(
  schema: StateSchema<Database>,
  run: Run<Database>,
): StateSchema<Database> {
  const [first, second] = ['first', 'second'].map((key) => recordChecksum('values', key, '1'))
  const rename = `UPDATE "values" SET key = 'second', checksum = ${second} WHERE key = 'first'`
  const add = `INSERT INTO "values" VALUES ('first', '1', ${first})`
  return {
    format: schema.format + 2,
    create: schema.create,
    migrations: [
      { from: schema.format + 1, bring: (database) => run(database, rename) },
      { from: schema.format, bring: (database) => run(database, add) },
    ],
  }
}

/** A format whose only step does not work. */
function brokenFormatOn<Database>(
  schema: StateSchema<Database>,
  run: Run<Database>,
): StateSchema<Database> {
  const sql = `INSERT INTO "values" VALUES ('first', '1', 1); INSERT INTO nowhere VALUES (1)`
  const migrations = [{ from: schema.format, bring: (database: Database) => run(database, sql) }]
  return { ...schema, format: schema.format + 1, migrations }
}

/** Opens a state in the format of a schema, or in today's. */
type Open<Database> = (schema?: StateSchema<Database>) => Promise<StateStore>

async function expectMigrated<Database>(
  open: Open<Database>,
  schema: StateSchema<Database>,
): Promise<void> {
  const old = await open()
  const lease = await old.acquireLease('an older run', 60_000)
  await old.commit({ epoch: lease.epoch, values: [{ key: 'kept', value: 'yes' }] })

  await expect(open(schema)).rejects.toMatchObject({ code: 'STATE_LEASE_HELD' })
  await old.releaseLease(lease)
  const card = { worker: 'an older worker', url: null, fingerprint: 'f', demand: 1 }
  const worker = await old.join(card, 60_000)
  await expect(open(schema)).rejects.toMatchObject({ code: 'STATE_LEASE_HELD' })
  await old.leave(worker)
  const store = await open(schema)

  expect(store.info).toEqual({ ...old.info, format: schema.format })
  expect([...(await store.values(''))]).toEqual([
    ['kept', 'yes'],
    ['second', 1],
  ])
  await store.close()
  await old.close()
  await (await open(schema)).close()
  await expect(open()).rejects.toMatchObject({ code: 'STATE_NEWER' })
}

/** A step that fails must leave the format that was. */
async function expectUnchangedByFailure<Database>(
  open: Open<Database>,
  broken: StateSchema<Database>,
): Promise<void> {
  await (await open()).close()

  await expect(open(broken)).rejects.toThrow()

  const store = await open()
  expect((await store.values('')).size).toBe(0)
  await store.close()
}

describe('a state of an older format', () => {
  let server: PostgresServer
  let directory: string
  let states = 0
  beforeAll(async () => {
    server = await startPostgres()
    directory = mkdtempSync(join(tmpdir(), 'engage-sync-migrations-'))
  })
  afterAll(async () => {
    rmSync(directory, { recursive: true, force: true })
    await server.stop()
  })

  const inSqlite = (): Open<SqliteConnection> => {
    const path = join(directory, `state-${++states}.sqlite`)
    return async (schema) => openSqlite({ ...expected, path, now: Date.now }, schema)
  }
  const inPostgres = (): Open<Migrating> => {
    const url = `${server.url}?schema=migrations_${++states}`
    return (schema) => openPostgres({ ...expected, url }, schema)
  }
  const bySqlite: Run<SqliteConnection> = (connection, sql) => connection.exec(sql)
  const byPostgres: Run<Migrating> = ({ script }, sql) => script(sql)

  it('is brought up step by step when no run holds it (SQLite)', async () => {
    await expectMigrated(inSqlite(), twoFormatsOn(SQLITE_SCHEMA, bySqlite))
  })

  it('is brought up step by step when no run holds it (PostgreSQL)', async () => {
    await expectMigrated(inPostgres(), twoFormatsOn(POSTGRES_SCHEMA, byPostgres))
  })

  it('stays what it was when a step fails (SQLite)', async () => {
    await expectUnchangedByFailure(inSqlite(), brokenFormatOn(SQLITE_SCHEMA, bySqlite))
  })

  it('stays what it was when a step fails (PostgreSQL)', async () => {
    await expectUnchangedByFailure(inPostgres(), brokenFormatOn(POSTGRES_SCHEMA, byPostgres))
  })
})

describe('stepsTo', () => {
  const schema = {
    format: 3,
    create: '',
    migrations: [1, 2].map((from) => ({ from, bring: () => {} })),
  }

  it.each([
    [1, [1, 2]],
    [2, [2]],
    [3, []],
  ])('goes from format %i by %j', (from, steps) => {
    expect(stepsTo(schema, from).map((step) => step.from)).toEqual(steps)
  })

  it('refuses a later format', () => {
    expect(() => stepsTo(schema, 4)).toThrow(expect.objectContaining({ code: 'STATE_NEWER' }))
  })

  it('refuses a format no step starts from', () => {
    expect(() => stepsTo(schema, 0)).toThrow(expect.objectContaining({ code: 'STATE_UNREADABLE' }))
  })
})
