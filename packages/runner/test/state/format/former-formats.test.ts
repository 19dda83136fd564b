import { copyFileSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { fileURLToPath } from 'node:url'
import { PARTITIONS } from '@engage-sync/core'
import type { StateStore } from '@engage-sync/core'
import { sampled, startPostgres } from '@engage-sync/testkit'
import type { PostgresServer, RawTables } from '@engage-sync/testkit'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { STATE_FORMAT } from '../../../src/state/format/migrations.ts'
import { openPostgres } from '../../../src/state/postgres/open-postgres.ts'
import { openSqlite } from '../../../src/state/sqlite/open-sqlite.ts'
import { nextDue } from '../../../src/state/values/due-values.ts'
import { postgresTables } from '../postgres/raw-tables.ts'
import { sqliteTables } from '../sqlite/raw-tables.ts'

const FORMATS = [1, 2, 3]
const fixtureOf = (format: number) =>
  fileURLToPath(new URL(`../../fixtures/state-format-${format}`, import.meta.url))
const EXPECTED = { environment: 'local', workspace: 'simulator', create: false }
const TABLES = [
  'info',
  'snapshots',
  'deltas',
  'marks',
  'positions',
  'mappings',
  'values',
  'runs',
  'dead_letters',
]
/** What came with format 2. */
const CHECKSUMS = 'checksums'
const tablesOf = (format: number) => [...TABLES, ...(format > 1 ? [CHECKSUMS] : [])]

let server: PostgresServer
let directory: string
let states = 0

beforeAll(async () => {
  server = await startPostgres()
  directory = mkdtempSync(join(tmpdir(), 'engage-sync-formats-'))
})
afterAll(async () => {
  rmSync(directory, { recursive: true, force: true })
  await server.stop()
})

/** A state of a fixture. */
interface Former {
  readonly format: number
  readonly name: string
}

interface FormerState {
  readonly tables: RawTables
  open(access: 'read' | 'write'): Promise<StateStore>
}

/** The state of a fixture, in a file. */
async function inSqlite({ format, name }: Former): Promise<FormerState> {
  const path = join(directory, `state-${++states}.sqlite`)
  copyFileSync(join(fixtureOf(format), `${name}.sqlite`), path)
  const open: FormerState['open'] = async (access) =>
    openSqlite({ ...EXPECTED, access, path, now: Date.now })
  return { open, tables: sqliteTables(path) }
}

/** The same state in PostgreSQL, as the former version kept it there. */
async function inPostgres({ format, name }: Former): Promise<FormerState> {
  const schema = `former_${++states}`
  const tables = postgresTables(server.url, schema)
  const { default: pg } = await import('pg')
  const client = new pg.Client({ connectionString: server.url })
  await client.connect()
  await client.query(`CREATE SCHEMA ${schema}; SET search_path TO ${schema}`)
  await client.query(readFileSync(join(fixtureOf(format), 'postgres.sql'), 'utf8'))
  await client.end()
  const file = new DatabaseSync(join(fixtureOf(format), `${name}.sqlite`), { readOnly: true })
  for (const table of tablesOf(format))
    await tables.write(table, file.prepare(`SELECT * FROM "${table}"`).all())
  file.close()
  const url = `${server.url}?schema=${schema}`
  return { tables, open: (access) => openPostgres({ ...EXPECTED, access, url }) }
}

/** All that a state holds, as its users read it. */
async function contentsOf(store: StateStore): Promise<unknown> {
  const records = [
    await store.openMarks(),
    await store.positions(),
    await store.mappings(),
    await nextDue.read(store),
    [...(await store.values(''))].filter(([key]) => !/^due(:|$)/.test(key)),
  ]
  const partitions = Array.from({ length: PARTITIONS }, (_, number) => store.loadPartition(number))
  const past = [await store.runs(99), await store.deadLetters({ limit: 999 })]
  return [
    ...records,
    ...past,
    ...(await Promise.all(partitions)).map(({ snapshot, deltas }) => [snapshot, deltas]),
  ]
}

async function rawTables({ tables }: FormerState, format: number): Promise<unknown> {
  return await Promise.all(tablesOf(format).map((table) => tables.read(table)))
}

const STATES: readonly Former[] = FORMATS.flatMap((format) =>
  ['settled', 'waiting'].map((name) => ({ format, name })),
)

describe.each([
  ['SQLite', inSqlite, STATES],
  ['PostgreSQL', inPostgres, sampled('states in PostgreSQL', STATES, 2)],
] as const)('a state of a former format in %s', (_, place, names) => {
  it.each(names)('is read as it is: $format, $name', async (former) => {
    const { format } = former
    const state = await place(former)
    const before = await rawTables(state, format)

    const store = await state.open('read')
    await store.verify()
    const problems = await store.check()
    await store.close()

    expect([store.info.format, problems]).toEqual([format, []])
    expect(await rawTables(state, format)).toEqual(before)
  })

  it.each(names)('holds the same once it was brought up: $format, $name', async (fixture) => {
    const state = await place(fixture)
    const former = await state.open('read')
    const before = await contentsOf(former)
    await former.close()

    const store = await state.open('write')

    expect(store.info).toEqual({ ...former.info, format: STATE_FORMAT })
    const [owner = {}] = await state.tables.read('owners')
    expect(Object.keys(owner)).toEqual(['partition', 'worker', 'epoch', 'wanted'])
    expect(await contentsOf(store)).toEqual(before)
    expect(await store.check()).toEqual([])
    await store.verify()
    await store.close()
  })

  it.each(FORMATS)('goes on as one that was made in the new format: %i', async (format) => {
    const state = await place({ format, name: 'waiting' })
    const store = await state.open('write')
    const { epoch } = await store.acquireLease('the test', 60_000)
    const [letter, ...letters] = await store.deadLetters({ limit: 99 })
    const marks = await store.openMarks()

    await store.commit({
      epoch,
      deltas: [{ partition: 1, bytes: Uint8Array.of() }],
      removeDeadLetters: [letter.id!],
      deadLetters: [{ ...letter, id: 4711 }],
      closeMarks: [marks[0].id],
      values: [...(await store.values(''))].map(([key, value]) => ({ key, value })),
      mappings: await store.mappings(),
    })
    await store.expireDeadLetters({ epoch }, Number.MAX_SAFE_INTEGER)

    await store.verify()
    await store.loadPartition(1)
    expect(letters.length).toBeGreaterThan(0)
    await store.close()
  })

  it.each(FORMATS)(
    'is not brought up where a row is damaged, but found out: %i',
    async (format) => {
      const state = await place({ format, name: 'settled' })
      const [snapshot, ...others] = await state.tables.read('snapshots')
      const bytes = Uint8Array.from(snapshot['bytes'] as Uint8Array)
      bytes[bytes.length >> 1] ^= 1
      await state.tables.write('snapshots', [{ ...snapshot, bytes }, ...others])

      const store = await state.open('write')

      expect((await store.check()).join()).toContain(`partition ${String(snapshot['partition'])}`)
      await store.close()
    },
  )
})
