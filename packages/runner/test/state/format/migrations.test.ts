import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { StateStore } from '@engage-sync/core'
import { startPostgres } from '@engage-sync/testkit'
import type { PostgresServer } from '@engage-sync/testkit'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { stepsTo } from '../../../src/state/format/migrations.ts'
import type { StateSchema } from '../../../src/state/format/migrations.ts'
import { openPostgres } from '../../../src/state/postgres/open-postgres.ts'
import { POSTGRES_SCHEMA } from '../../../src/state/postgres/schema.ts'
import { openSqlite } from '../../../src/state/sqlite/open-sqlite.ts'
import { SQLITE_SCHEMA } from '../../../src/state/sqlite/schema.ts'

const expected = { environment: 'local', workspace: 'simulator' }

/** A format two steps after today's: one that adds a value, one that renames it. */
function twoFormatsOn(schema: StateSchema): StateSchema {
  return {
    format: schema.format + 2,
    create: schema.create,
    migrations: [
      { from: schema.format + 1, sql: `UPDATE "values" SET key = 'second' WHERE key = 'first'` },
      { from: schema.format, sql: `INSERT INTO "values" VALUES ('first', '1')` },
    ],
  }
}

/** Opens a state in the format of a schema, or in today's. */
type Open = (options: {
  readonly create: boolean
  readonly schema?: StateSchema
}) => Promise<StateStore>

async function expectMigrated(open: Open, schema: StateSchema): Promise<void> {
  const old = await open({ create: true })
  const lease = await old.acquireLease('an older run', 60_000)
  await old.commit({ epoch: lease.epoch, values: [{ key: 'kept', value: 'yes' }] })

  await expect(open({ create: false, schema })).rejects.toMatchObject({ code: 'STATE_LEASE_HELD' })
  await old.releaseLease(lease)
  const store = await open({ create: false, schema })

  expect(store.info).toEqual({ ...old.info, format: schema.format })
  expect([...(await store.values(''))]).toEqual([
    ['kept', 'yes'],
    ['second', 1],
  ])
  await store.close()
  await old.close()
  await (await open({ create: false, schema })).close()
  await expect(open({ create: false })).rejects.toMatchObject({ code: 'STATE_NEWER' })
}

/** A step that fails must leave the format that was. */
async function expectUnchangedByFailure(open: Open, schema: StateSchema): Promise<void> {
  await (await open({ create: true })).close()
  const broken = {
    ...schema,
    migrations: schema.migrations.map(({ from, sql }) => ({
      from,
      sql: `${sql}; INSERT INTO nowhere VALUES (1)`,
    })),
  }

  await expect(open({ create: false, schema: broken })).rejects.toThrow()

  const store = await open({ create: false })
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

  const inSqlite = (): Open => {
    const path = join(directory, `state-${++states}.sqlite`)
    return async ({ create, schema }) =>
      openSqlite({ ...expected, create, path, now: Date.now }, schema)
  }
  const inPostgres = (): Open => {
    const url = `${server.url}?schema=migrations_${++states}`
    return ({ create, schema }) => openPostgres({ ...expected, create, url }, schema)
  }

  it.each([
    ['SQLite', inSqlite, SQLITE_SCHEMA],
    ['PostgreSQL', inPostgres, POSTGRES_SCHEMA],
  ])('is brought up step by step when no run holds it (%s)', async (_, place, schema) => {
    await expectMigrated(place(), twoFormatsOn(schema))
  })

  it.each([
    ['SQLite', inSqlite, SQLITE_SCHEMA],
    ['PostgreSQL', inPostgres, POSTGRES_SCHEMA],
  ])('stays what it was when a step fails (%s)', async (_, place, schema) => {
    await expectUnchangedByFailure(place(), twoFormatsOn(schema))
  })
})

describe('stepsTo', () => {
  const schema = {
    format: 3,
    create: '',
    migrations: [1, 2].map((from) => ({ from, sql: `step from ${from}` })),
  }

  it.each([
    [1, ['step from 1', 'step from 2']],
    [2, ['step from 2']],
    [3, []],
  ])('goes from format %i by %j', (from, steps) => {
    expect(stepsTo(schema, from).map(({ sql }) => sql)).toEqual(steps)
  })

  it('refuses a later format', () => {
    expect(() => stepsTo(schema, 4)).toThrow(expect.objectContaining({ code: 'STATE_NEWER' }))
  })

  it('refuses a format no step starts from', () => {
    expect(() => stepsTo(schema, 0)).toThrow(expect.objectContaining({ code: 'STATE_UNREADABLE' }))
  })
})
