import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Source } from '@engage-sync/core'
import { createProfilesSyncSource } from '@engage-sync/segment'
import { startPostgres } from '@engage-sync/testkit'
import { createProfilesSyncTables } from '@engage-sync/segment/testing'
import type { PostgresServer } from '@engage-sync/testkit'
import type { Client } from 'pg'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { EngineOptions } from '../../../src/engine/index.ts'
import { Bench } from '../harness.ts'

const LIFE = fileURLToPath(new URL('full-pass-life.ts', import.meta.url))
/** Enough for several chunks. */
const PEOPLE = 4_500

let server: PostgresServer
let client: Client
let bench: Bench

beforeAll(async () => {
  server = await startPostgres()
  const { default: pg } = await import('pg')
  client = new pg.Client(server.url)
  await client.connect()
}, 60_000)
afterAll(async () => {
  await client.end()
  await server.stop()
})
beforeEach(async () => {
  await client.query('drop schema if exists segment cascade')
  const tables = await createProfilesSyncTables((sql, values) => client.query(sql, values))
  const ids = Array.from({ length: PEOPLE }, (_, index) => String(index).padStart(5, '0'))
  await tables.addIdentifiers(
    ids.map((id) => ({ profile: `use_${id}`, type: 'user_id', value: `u_${id}` })),
  )
  await tables.addTraits(ids.map((id) => ({ profile: `use_${id}`, name: 'vip', value: 'true' })))
  bench = new Bench({ shop: 'audiences:\n  vip: { attribute: vip, cohort: VIPs }\n' })
  await bench.run(warehouse())
  // The warehouse is loaded every hour, so that what is gone is gone later than it came.
  await tables.addIdentifiers([
    { profile: 'use_x', type: 'anonymous_id', value: 'a_x', loadedAt: '2026-01-05T11:00:00Z' },
  ])
})
afterEach(() => bench.close())

const keys = { traits: [], audiences: ['vip'] }

/** Options of a run over the warehouse. */
function warehouse(
  mode: 'full' | 'incremental' = 'full',
  from: (source: Source) => Source = (source) => source,
) {
  const source = createProfilesSyncSource({ url: server.url, schema: 'segment', keys, mode })
  return { sources: new Map([['engage', from(source)]]) }
}

async function remove(where: string): Promise<void> {
  for (const table of ['user_traits', 'user_identifiers'])
    await client.query(`delete from segment.${table} where ${where}`)
}

const disconnect = () =>
  client.query(
    `select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'engage-sync'`,
  )

/** Members of the cohort, and users who have the attribute. */
function held() {
  const users = [...bench.ledger.users.values()]
  return [
    users.filter(({ cohorts }) => cohorts.size > 0).length,
    users.filter(({ attributes }) => attributes.get('vip') === true).length,
  ]
}

/** The first profile, some in the middle and the last: gone altogether. */
const SOME = `canonical_segment_id in ('use_00000', 'use_02000', 'use_02001', 'use_0${PEOPLE - 1}')`
const ALL_HELD = [PEOPLE, PEOPLE]
const SWEPT = [PEOPLE - 4, PEOPLE - 4]

describe('profiles that are gone from the warehouse', () => {
  it('lose their attributes and memberships in a full pass, and in no other', async () => {
    await remove(SOME)

    await bench.run(warehouse('incremental'))
    const before = held()
    const plan = await bench.plan(warehouse())
    const { report } = await bench.run(warehouse())
    const again = await bench.run(warehouse())

    expect([before, held()]).toEqual([ALL_HELD, SWEPT])
    expect(plan.summary).toMatchObject({ attributes: 4, cohortRemovals: 4 })
    expect(report).toMatchObject({
      status: 'done',
      records: { read: PEOPLE - 3 },
      braze: { attributes: 4, cohort_removals: 4, pending: 0 },
    })
    expect(again.report.braze).toMatchObject({ requests: 0, attributes: 0, cohort_removals: 0 })
  })

  it('are gone with several passes over the warehouse, too', async () => {
    await remove(SOME)
    let readings = 0
    const counted = (source: Source): Source => ({
      ...source,
      read: (from, signal) => (readings++, source.read(from, signal)),
    })

    await bench.run({ ...warehouse('full', counted), memoryBudgetBytes: 400_000 })

    expect(readings).toBeGreaterThan(2)
    expect(held()).toEqual(SWEPT)
  })

  it('stop the run when they are too many, or all', async () => {
    await remove(`canonical_segment_id < 'use_01000'`)
    const { stops } = await bench.run(warehouse())
    await remove('true')

    await expect(bench.run(warehouse())).rejects.toMatchObject({ code: 'GUARD_EMPTY_SOURCE' })
    await expect(bench.run({ ...warehouse(), allow: ['empty_source'] })).resolves.toMatchObject({
      stops: [],
    })

    expect(stops).toMatchObject([
      { guard: 'removals', subject: 'shop:audiences.vip', planned: 1000 },
    ])
    expect(held()).toEqual(ALL_HELD)
  })
})

describe('a pass that did not read everybody sweeps nobody, and the next one does', () => {
  it('when the connection is cut', async () => {
    await remove(SOME)
    const cut: Partial<EngineOptions> = {
      ...warehouse('full', (source) => ({
        ...source,
        async *read(from, signal) {
          for await (const chunk of source.read(from, signal)) {
            yield chunk
            await disconnect()
          }
        },
      })),
    }

    await expect(bench.run(cut)).rejects.toMatchObject({ code: 'SOURCE_UNAVAILABLE' })
    const after = held()
    await bench.run(warehouse())

    expect([after, held()]).toEqual([ALL_HELD, SWEPT])
  })

  it('when the run is killed', async () => {
    await remove(SOME)
    const flags = [
      '--conditions=engage-sync-source',
      LIFE,
      server.url,
      join(bench.directory, 'state.db'),
    ]
    const child = spawn(process.execPath, flags, { stdio: 'inherit' })
    const signal = await new Promise((resolve) => child.once('close', (_, how) => resolve(how)))
    const after = held()

    bench.nowMs += 60_000
    await bench.run(warehouse())

    expect([signal, after, held()]).toEqual(['SIGKILL', ALL_HELD, SWEPT])
  })

  it('when it is resumed behind the last profile of one that was cut off', async () => {
    await remove(SOME)
    const short = (source: Source): Source => ({
      ...source,
      async *read(from, signal) {
        for await (const chunk of source.read(from, signal)) {
          yield chunk
          return
        }
      },
    })

    await bench.run(warehouse('full', short))
    const { report } = await bench.run(warehouse())
    const after = held()
    await bench.run(warehouse())

    expect(report.records.read).toBeLessThan(PEOPLE - 4)
    expect([after, held()]).toEqual([ALL_HELD, SWEPT])
  })
})
