import { readFile } from 'node:fs/promises'
import { sourceContract } from '@engage-sync/testkit'
import { createProfilesSyncTables } from '../../src/testing/index.ts'
import { describe, expect, it } from 'vitest'
import type { Json } from '@engage-sync/contract'
import { createProfilesSyncSource } from '../../src/profiles-sync/index.ts'
import type { ProfilesSyncOptions } from '../../src/profiles-sync/index.ts'
import { readBetween, readChunks, readRecords, valuesOf } from '../read-source.ts'
import { useWarehouse } from './warehouse.ts'

const keys = { traits: ['ltv', 'city'], audiences: ['vip'] }
const at = (hour: number, minute = 0) =>
  `2026-01-05T${String(hour).padStart(2, '0')}:${String(minute).padStart(2, '0')}:00Z`

const warehouse = useWarehouse()

function sourceWith(options: Partial<ProfilesSyncOptions> = {}) {
  return createProfilesSyncSource({
    url: warehouse.server.url,
    schema: warehouse.schema,
    keys,
    ...options,
  })
}

/** Short forms: `who key=value`. */
function short(records: readonly string[]): string[] {
  return records.map((record) => {
    const { userId, traits } = JSON.parse(record) as {
      userId?: string
      traits: Record<string, Json>
    }
    return `${userId} ${Object.entries(traits).map(([key, value]) => `${key}=${JSON.stringify(value)}`)}`
  })
}

async function addPeople(people: number, loadedAt?: string) {
  const ids = Array.from({ length: people }, (_, index) => String(index).padStart(5, '0'))
  await warehouse.tables.addIdentifiers(
    ids.map((id) => ({ profile: `use_${id}`, type: 'user_id', value: `u_${id}`, loadedAt })),
  )
  await warehouse.tables.addTraits(
    ids.flatMap((id) => [
      { profile: `use_${id}`, name: 'ltv', value: String(Number(id) / 2), loadedAt },
      { profile: `use_${id}`, name: 'vip', value: String(Number(id) % 2 === 0), loadedAt },
    ]),
  )
}

describe('createProfilesSyncSource', () => {
  it('keeps every digit of numbers in JSON columns', async () => {
    const { client, schema, tables } = warehouse
    const table = `"${schema.replaceAll('"', '""')}".user_traits`
    await tables.addIdentifiers([{ profile: 'use_1', type: 'user_id', value: 'u_1' }])
    await tables.addTraits([
      { profile: 'use_1', name: 'ltv', value: '12345678901234567891' },
      { profile: 'use_1', name: 'city', value: '{"id": [9007199254740993], "name": "Rome"}' },
    ])
    await client.query(`alter table ${table} alter column value type jsonb using value::jsonb`)

    const records = await readRecords(sourceWith())

    expect(records.map((record) => /"traits":(\{"(?:ltv|city)".*\})\}$/.exec(record)?.[1])).toEqual(
      ['{"ltv":12345678901234567891}', '{"city":{"id":[9007199254740993],"name":"Rome"}}'],
    )
  })

  it('gives one identify record per profile and wanted value', async () => {
    await warehouse.tables.addIdentifiers([
      { profile: 'use_1', type: 'user_id', value: 'u_1' },
      { profile: 'use_1', type: 'email', value: 'ada@example.com' },
    ])
    await warehouse.tables.addTraits([
      { profile: 'use_1', name: 'ltv', value: '12.5', timestamp: '2026-01-04T08:00:00.123456Z' },
      { profile: 'use_1', name: 'vip', value: 'true', timestamp: null },
      { profile: 'use_1', name: 'unwanted', value: 'x' },
    ])

    const records = (await readRecords(sourceWith())).map((record) => JSON.parse(record) as Json)

    expect(records).toEqual([
      {
        type: 'identify',
        userId: 'u_1',
        timestamp: '2026-01-05T10:00:00.000000Z',
        context: {
          personas: { computation_class: 'audience', computation_key: 'vip' },
          traits: { email: 'ada@example.com' },
          externalIds: [
            { id: 'ada@example.com', type: 'email', collection: 'users', encoding: 'none' },
          ],
        },
        traits: { vip: true },
      },
      expect.objectContaining({ timestamp: '2026-01-04T08:00:00.123456Z', traits: { ltv: 12.5 } }),
    ])
  })

  it('reads nothing from empty tables, and what comes later', async () => {
    const [first] = await readChunks(sourceWith())
    expect(first.records).toEqual([])

    await addPeople(1)

    expect(await readRecords(sourceWith(), first.position)).toHaveLength(2)
  })

  it('gives one call per user id of a profile, and profiles without one by what they have', async () => {
    await warehouse.tables.addIdentifiers([
      { profile: 'use_1', type: 'user_id', value: 'u_1', loadedAt: at(1) },
      { profile: 'use_1', type: 'user_id', value: 'u_2', loadedAt: at(2) },
      { profile: 'use_2', type: 'anonymous_id', value: 'a_1' },
    ])
    await warehouse.tables.addTraits([
      { profile: 'use_1', name: 'ltv', value: '1' },
      { profile: 'use_2', name: 'ltv', value: '2' },
    ])

    expect(short(await readRecords(sourceWith()))).toEqual([
      'u_1 ltv=1',
      'u_2 ltv=1',
      'undefined ltv=2',
    ])
  })
})

sourceContract('createProfilesSyncSource', (records) => withPayloads(records, 'incremental'))
sourceContract('createProfilesSyncSource, reading everything,', (records) =>
  withPayloads(records, 'full'),
)

async function withPayloads(records: readonly string[], mode: 'incremental' | 'full') {
  const profiles = records.map((record, index) => ({
    profile: `use_${String(index).padStart(5, '0')}`,
    record,
  }))
  await warehouse.tables.addIdentifiers(
    profiles.map(({ profile }) => ({ profile, type: 'user_id', value: profile })),
  )
  await warehouse.tables.addTraits(
    profiles.map(({ profile, record }) => ({ profile, name: 'payload', value: record })),
  )
  return {
    source: valuesOf(sourceWith({ mode, keys: { traits: ['payload'], audiences: [] } }), 'payload'),
  }
}

describe('positions', () => {
  it('resume after every chunk with exactly what follows', async () => {
    await addPeople(2_500)
    const source = sourceWith()
    const chunks = await readChunks(source)

    expect(chunks.length).toBeGreaterThan(2)
    expect(chunks.flatMap(({ records }) => records)).toHaveLength(5_000)
    for (const [index, { position }] of chunks.entries()) {
      expect((await readChunks(source, position)).flatMap(({ records }) => records)).toEqual(
        chunks.slice(index + 1).flatMap(({ records }) => records),
      )
    }
  })

  it('let another source finish a pass, whatever was loaded meanwhile', async () => {
    await addPeople(2_500)
    const all = await readRecords(sourceWith())
    const [first] = await readChunks(sourceWith(), null, 1)
    await warehouse.tables.addTraits([
      { profile: 'use_00000', name: 'ltv', value: '99', loadedAt: at(20) },
    ])

    const rest = await readChunks(sourceWith(), first.position)

    expect([...first.records, ...rest.flatMap(({ records }) => records)]).toEqual(all)
    expect(short(await readRecords(sourceWith(), rest.at(-1)?.position))).toContain(
      'u_00000 ltv=99',
    )
  })

  it.each<Json>([
    1,
    {},
    {
      pass: 'x',
      mode: 'full',
      keys: '',
      since: "'; drop table",
      upTo: null,
      after: null,
      records: 0,
      done: false,
    },
  ])('of others are refused: %j', async (position) => {
    await expect(readRecords(sourceWith(), position)).rejects.toMatchObject({
      code: 'SOURCE_POSITION',
    })
  })
})

describe('an incremental pass', () => {
  it('gives what was loaded since the last, and looks back for what became visible late', async () => {
    await addPeople(3, at(10))
    await warehouse.tables.addTraits([
      { profile: 'use_00002', name: 'ltv', value: '7', loadedAt: at(14) },
    ])
    const last = (await readChunks(sourceWith())).at(-1)!
    await warehouse.tables.addTraits([
      { profile: 'use_00000', name: 'ltv', value: '50', loadedAt: at(15) },
      { profile: 'use_00001', name: 'city', value: 'Oslo', loadedAt: at(13) },
      { profile: 'use_00001', name: 'vip', value: 'true', loadedAt: at(9) },
    ])

    expect(short(await readRecords(sourceWith(), last.position))).toEqual([
      'u_00000 ltv=50',
      'u_00001 city="Oslo"',
      'u_00002 ltv=7',
    ])
    expect(short(await readRecords(sourceWith({ lookBackMs: 0 }), last.position))).toEqual([
      'u_00000 ltv=50',
    ])
  })

  it('tells microseconds apart', async () => {
    await addPeople(1, '2026-01-05T10:00:00.123456Z')
    const last = (await readChunks(sourceWith())).at(-1)!
    await warehouse.tables.addTraits([
      { profile: 'use_00000', name: 'ltv', value: '8', loadedAt: '2026-01-05T10:00:00.123457Z' },
    ])

    expect(short(await readRecords(sourceWith({ lookBackMs: 0 }), last.position))).toEqual([
      'u_00000 ltv=8',
    ])
  })

  it('gives all values of a profile that got a new identifier', async () => {
    await addPeople(2, at(1))
    const last = (await readChunks(sourceWith())).at(-1)!
    await warehouse.tables.addIdentifiers([
      { profile: 'use_00001', type: 'user_id', value: 'u_new', loadedAt: at(12) },
    ])

    const records = short(await readRecords(sourceWith(), last.position)).filter((record) =>
      record.startsWith('u_new'),
    )

    expect(records).toEqual(['u_new vip=false', 'u_new ltv=0.5'])
  })

  it('gives all values of a profile that another was merged into', async () => {
    await addPeople(3, at(1))
    const last = (await readChunks(sourceWith())).at(-1)!
    await warehouse.tables.merge('use_00001', 'use_00002', at(12))

    const records = short(await readRecords(sourceWith({ lookBackMs: 0 }), last.position))

    expect(records).toEqual([
      'u_00001 vip=true',
      'u_00001 ltv=1',
      'u_00002 vip=true',
      'u_00002 ltv=1',
    ])
  })

  it('reads to the end of another, also what is older of names that one did not want', async () => {
    const ltv = { keys: { traits: ['ltv'], audiences: [] }, lookBackMs: 0 }
    await addPeople(2, at(1))
    const first = (await readChunks(sourceWith(ltv))).at(-1)!.position
    await warehouse.tables.addIdentifiers([
      { profile: 'use_9', type: 'user_id', value: 'u_9', loadedAt: at(5) },
    ])
    await warehouse.tables.addTraits([
      { profile: 'use_9', name: 'ltv', value: '9', loadedAt: at(5) },
    ])
    const second = (await readChunks(sourceWith(ltv), first)).at(-1)!.position

    const same = await readBetween(sourceWith(ltv), first, second)
    const more = await readBetween(sourceWith({ lookBackMs: 0 }), first, second)

    expect(short(same.flatMap(({ records }) => records))).toEqual(['u_9 ltv=9'])
    expect(same.at(-1)!.position).toEqual(second)
    expect(short(more.flatMap(({ records }) => records))).toEqual([
      'u_00000 vip=true',
      'u_00000 ltv=0',
      'u_00001 vip=false',
      'u_00001 ltv=0.5',
      'u_9 ltv=9',
    ])
  })

  it('reads everything once when the wanted names change', async () => {
    await addPeople(2, at(1))
    const last = (await readChunks(sourceWith({ keys: { traits: [], audiences: ['vip'] } }))).at(
      -1,
    )!

    expect(short(await readRecords(sourceWith({ lookBackMs: 0 }), last.position))).toHaveLength(4)
  })
})

describe('a full pass', () => {
  it('gives null for wanted values a profile lost, newer than what they replace', async () => {
    await addPeople(2, at(1))
    await warehouse.client.query(
      `delete from "${warehouse.schema.replaceAll('"', '""')}".user_traits where name = 'vip' and canonical_segment_id = 'use_00000'`,
    )

    const records = await readRecords(
      sourceWith({ mode: 'full', keys: { traits: [], audiences: ['vip'] } }),
    )

    expect(short(records)).toEqual(['u_00000 vip=null', 'u_00001 vip=false'])
    expect(JSON.parse(records[0])).toMatchObject({ timestamp: '2026-01-05T01:00:00.000000Z' })
  })

  it('says at its end as of when users who were not read are gone', async () => {
    await addPeople(2_500, '2026-01-05T10:00:00.123456Z')

    const full = await readChunks(sourceWith({ mode: 'full' }))
    const incremental = await readChunks(sourceWith())

    expect(full.map(({ goneAt }) => goneAt)).toEqual([
      ...full.slice(1).map(() => undefined),
      Date.parse('2026-01-05T10:00:00.123Z'),
    ])
    expect(incremental.filter(({ goneAt }) => goneAt !== undefined)).toEqual([])
  })

  it('says so again when the next one follows it, and of an empty warehouse', async () => {
    const [empty] = await readChunks(sourceWith({ mode: 'full' }))
    await addPeople(2)

    const [next] = await readChunks(sourceWith({ mode: 'full' }), empty.position)

    expect([empty.goneAt, next.goneAt]).toEqual([0, Date.parse('2026-01-05T10:00:00Z')])
  })

  it('says nothing when another source finishes it, since somebody may have come meanwhile', async () => {
    await addPeople(2_500)
    const [first] = await readChunks(sourceWith({ mode: 'full' }), null, 1)
    await warehouse.tables.addIdentifiers([
      { profile: 'use_00000_a', type: 'user_id', value: 'u_new', loadedAt: at(20) },
    ])

    const rest = await readChunks(sourceWith({ mode: 'full' }), first.position)

    expect(rest.filter(({ goneAt }) => goneAt !== undefined)).toEqual([])
    expect(
      short(rest.flatMap(({ records }) => records)).some((record) => record.startsWith('u_new')),
    ).toBe(false)
  })

  it('says nothing when the connection is cut', async () => {
    await addPeople(4_000)
    const ends: unknown[] = []
    const reading = (async () => {
      for await (const { complete } of sourceWith({ mode: 'full' }).read(
        null,
        new AbortController().signal,
      )) {
        ends.push(complete)
        await warehouse.client.query(
          `select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'engage-sync'`,
        )
      }
    })()

    await expect(reading).rejects.toMatchObject({ code: 'SOURCE_UNAVAILABLE' })
    expect(ends.filter((complete) => complete !== undefined)).toEqual([])
  })
})

describe('failures', () => {
  it.each([
    ['a missing schema', { schema: 'nowhere' }, 'SOURCE_REQUEST'],
    ['an impossible schema', { schema: 'a\0b' }, 'SOURCE_SCHEMA'],
    ['a URL that is none', { url: 'mysql://person:canary-secret@host/db' }, 'SOURCE_REQUEST'],
    [
      'nobody listening',
      { url: 'postgres://person:canary-secret@127.0.0.1:1/db' },
      'SOURCE_UNAVAILABLE',
    ],
  ])('say so: %s', async (_, options, code) => {
    const error = await readRecords(sourceWith(options)).catch((thrown: unknown) => thrown as Error)

    expect(error).toMatchObject({ code })
    expect(
      `${(error as Error).message} ${String((error as Error).cause)} ${(error as Error).stack}`,
    ).not.toMatch(/canary-secret|person/u)
  })

  it('tells a wrong password', async () => {
    const url = warehouse.server.url.replace(/:[^:@]+@/u, ':canary-secret@')

    const error = await readRecords(sourceWith({ url })).catch((thrown: unknown) => thrown as Error)

    expect(error).toMatchObject({ code: 'SOURCE_AUTH' })
    expect(String((error as Error).stack)).not.toContain('canary-secret')
  })

  it('tells a lost connection, and the position before it is good', async () => {
    await addPeople(4_000)
    const all = await readRecords(sourceWith())
    const before: string[] = []
    let position: Json = null
    const reading = (async () => {
      for await (const chunk of sourceWith().read(null, new AbortController().signal)) {
        for (let index = 0; index < chunk.count; index++)
          before.push(
            Buffer.from(
              chunk.bytes.subarray(chunk.spans[2 * index], chunk.spans[2 * index + 1]),
            ).toString(),
          )
        position = chunk.position
        await warehouse.client.query(
          `select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'engage-sync'`,
        )
      }
    })()

    await expect(reading).rejects.toMatchObject({ code: 'SOURCE_UNAVAILABLE' })
    expect([...before, ...(await readRecords(sourceWith(), position))]).toEqual(all)
  })

  it('tells a step that took too long', async () => {
    await addPeople(4_000)

    await expect(readRecords(sourceWith({ statementTimeoutMs: 1 }))).rejects.toMatchObject({
      code: 'SOURCE_UNAVAILABLE',
      message: expect.stringContaining('timeout'),
    })
  })

  it('ends with the reason of an abort, and leaves no connection', async () => {
    await addPeople(4_000)
    const abort = new AbortController()
    const reading = (async () => {
      for await (const _ of sourceWith().read(null, abort.signal)) abort.abort(new Error('enough'))
    })()

    await expect(reading).rejects.toThrow('enough')
    await expectNoConnections()
  })

  it('leaves no connection when the reader stops early', async () => {
    await addPeople(4_000)

    await readChunks(sourceWith(), null, 1)

    await expectNoConnections()
  })
})

async function expectNoConnections() {
  await expect
    .poll(
      async () =>
        (
          await warehouse.client.query(
            `select 1 from pg_stat_activity where application_name = 'engage-sync'`,
          )
        ).rowCount,
      {
        timeout: 5_000,
      },
    )
    .toBe(0)
}

describe('the role of docs/sources.md', () => {
  it('can read what the source reads, and write nothing', async () => {
    const page = await readFile(new URL('../../../../docs/sources.md', import.meta.url), 'utf8')
    const [, sql] = /```sql\n(create role[\s\S]*?)```/iu.exec(page)!
    await warehouse.client.query(`create database warehouse`)
    const { default: pg } = await import('pg')
    const admin = new pg.Client(warehouse.server.url.replace(/postgres$/u, 'warehouse'))
    await admin.connect()
    try {
      const segment = await createProfilesSyncTables((text, values) => admin.query(text, values))
      await segment.addIdentifiers([{ profile: 'use_1', type: 'user_id', value: 'u_1' }])
      await segment.addTraits([{ profile: 'use_1', name: 'ltv', value: '1' }])
      await admin.query(sql)
    } finally {
      await admin.end()
    }
    const url = new URL(warehouse.server.url.replace(/postgres$/u, 'warehouse'))
    url.username = 'engage_sync'
    url.password = /password '([^']+)'/iu.exec(sql)![1]

    expect(short(await readRecords(sourceWith({ url: url.href, schema: 'segment' })))).toEqual([
      'u_1 ltv=1',
    ])
    const role = new pg.Client(url.href)
    await role.connect()
    await expect(role.query('delete from segment.user_traits')).rejects.toMatchObject({
      code: expect.stringMatching(/^(42501|25006)$/u),
    })
    await expect(role.query('create table segment.mine (n int)')).rejects.toMatchObject({
      code: expect.stringMatching(/^(42501|25006)$/u),
    })
    await role.end()
  })
})
