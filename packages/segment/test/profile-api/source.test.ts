import { mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { sourceContract } from '@engage-sync/testkit'
import type { Json } from '@engage-sync/contract'
import { startFakeProfileApi } from '../../src/testing/index.ts'
import type { FakeProfileApi } from '../../src/testing/index.ts'
import {
  createPacer,
  createProfileApi,
  createProfileApiSource,
} from '../../src/profile-api/index.ts'
import type { ProfileApiSourceOptions } from '../../src/profile-api/index.ts'
import { fakeClock } from '../fake-clock.ts'
import { readBetween, readChunks, readRecords, valuesOf } from '../read-source.ts'

const T = '2026-01-05T10:00:00.000Z'
const users = Array.from({ length: 45 }, (_, index) => `u_${index}`)
const keys = { traits: ['ltv'], audiences: ['vip'] }

let fake: FakeProfileApi
let spoolDirectory: string
beforeAll(async () => {
  fake = await startFakeProfileApi()
})
afterAll(() => fake.stop())
beforeEach(async () => {
  spoolDirectory = await mkdtemp(join(tmpdir(), 'engage-sync-spool-'))
  fake.recover()
  fake.requests.length = 0
  fake.profiles.clear()
  for (const [index, user] of users.entries()) {
    fake.profiles.set(`user_id:${user}`, {
      traits: {
        ltv: { value: index, class: 'computed_trait', updatedAt: T },
        vip: { value: index % 2 === 0, class: 'audience', updatedAt: T },
      },
      externalIds: [
        { type: 'email', id: `${user}@example.com` },
        { type: 'user_id', id: user },
      ],
    })
  }
})
afterEach(() => rm(spoolDirectory, { recursive: true, force: true }))

const startMs = Date.UTC(2026, 0, 5, 12)
function sourceWith(options: Partial<ProfileApiSourceOptions> = {}, dayMs = 0) {
  const clock = fakeClock(startMs + dayMs)
  const api = createProfileApi({
    spaceId: 'spa_test',
    token: 'profile-token',
    baseUrl: fake.url,
    clock,
    attempts: 2,
    pacer: createPacer(100_000, clock),
  })
  return createProfileApiSource({
    api,
    users,
    spoolDirectory,
    clock,
    keys,
    usersPerChunk: 20,
    ...options,
  })
}

describe('createProfileApiSource', () => {
  it('gives one identify record per user and value, in the order of the list', async () => {
    const records = await readRecords(sourceWith())

    expect(records).toHaveLength(90)
    expect(JSON.parse(records[2])).toEqual({
      type: 'identify',
      userId: 'u_1',
      timestamp: T,
      context: {
        personas: { computation_class: 'audience', computation_key: 'vip' },
        externalIds: undefined,
      },
      traits: { vip: false },
    })
    expect(fake.requests).toHaveLength(45)
  })

  it('finds audiences and computed traits by class when no keys are given', async () => {
    const records = await readRecords(sourceWith({ users: ['u_1'], keys: null }))

    expect(
      records.map(
        (record) => (JSON.parse(record) as { context: { personas: object } }).context.personas,
      ),
    ).toEqual([
      { computation_class: 'audience', computation_key: 'vip' },
      { computation_class: 'trait', computation_key: 'ltv' },
    ])
  })

  it('asks for identifiers when the list holds others than user ids', async () => {
    fake.profiles.set('email:ada@example.com', {
      ...fake.profiles.get('user_id:u_1'),
      externalIds: [{ type: 'user_id', id: 'Ada' }],
    })

    const [record] = await readRecords(sourceWith({ users: ['Ada@example.com'], idType: 'email' }))

    expect(JSON.parse(record)).toMatchObject({
      userId: 'Ada',
      context: { traits: { email: 'Ada@example.com' } },
    })
  })

  it('gives null for a wanted key the profile lost, if asked to', async () => {
    fake.profiles.set('user_id:u_1', { traits: {} })

    const records = await readRecords(sourceWith({ users: ['u_1'], absent: 'null' }))

    expect(records.map((record) => (JSON.parse(record) as { traits: object }).traits)).toEqual([
      { vip: null },
      { ltv: null },
    ])
    expect(records[0]).toContain('"timestamp":"2026-01-05T12:00:00.000Z"')
  })

  it('rejects users without a profile by their place in the list alone', async () => {
    const [chunk] = await readChunks(sourceWith({ users: ['u_1', 'person@example.com', 'u_2'] }))

    expect(chunk.records).toHaveLength(4)
    expect(chunk.rejected).toEqual([
      {
        code: 'PROFILE_NOT_FOUND',
        message: 'Segment has no profile for this identifier.',
        origin: 'profile_api',
        record: 2,
      },
    ])
  })

  it('rejects an identifier the API chokes on, and reads the others', async () => {
    fake.fail({ status: 500, times: 2, when: 'user_id:%7B' })
    fake.fail({ status: 400, when: 'user_id:-1' })

    const [chunk] = await readChunks(sourceWith({ users: ['{x}', '-1', 'u_2'] }))

    expect(chunk.rejected.map(({ code, record }) => [code, record])).toEqual([
      ['PROFILE_REFUSED', 1],
      ['PROFILE_REFUSED', 2],
    ])
    expect(chunk.records).toHaveLength(2)
  })

  it('stops at an outage, which is no fault of a user', async () => {
    fake.fail({ status: 500, times: 1_000 })

    await expect(readRecords(sourceWith())).rejects.toMatchObject({ code: 'SOURCE_UNAVAILABLE' })
  })

  it('yields one empty chunk for an empty list', async () => {
    const chunks = await readChunks(sourceWith({ users: [] }))

    expect(chunks).toMatchObject([{ records: [], rejected: [] }])
  })
})

sourceContract('createProfileApiSource', async (records) => {
  fake.profiles.clear()
  const listed = records.map((record, index) => {
    fake.profiles.set(`user_id:u_${index}`, {
      traits: { payload: { value: JSON.parse(record) as Json } },
    })
    return `u_${index}`
  })
  return {
    source: valuesOf(
      sourceWith({ users: listed, keys: { traits: ['payload'], audiences: [] } }),
      'payload',
    ),
  }
})

describe('positions', () => {
  it('resume after every chunk with exactly what follows', async () => {
    const source = sourceWith()
    const chunks = await readChunks(source)

    expect(chunks).toHaveLength(3)
    for (const [index, { position }] of chunks.entries()) {
      expect(await readChunks(source, position)).toEqual(chunks.slice(index + 1))
    }
  })

  it('let the next run finish a pass that was cut off, asking nobody twice', async () => {
    const [first] = await readChunks(sourceWith(), null, 1)
    await readChunks(sourceWith({}, 1_000), first.position, 1)
    const asked = fake.requests.length

    const rest = await readChunks(sourceWith({}, 2_000), first.position)

    expect(rest.map(({ records }) => records.length)).toEqual([40, 10])
    expect(fake.requests.length - asked).toBe(5)
  })

  it('are read between by the answers at hand; about other computations everybody is asked', async () => {
    const chunks = await readChunks(sourceWith())
    const end = chunks.at(-1)!.position
    const asked = fake.requests.length

    const between = await readBetween(sourceWith({}, 1_000), null, end)
    const askedAgain = fake.requests.length
    const other = { traits: ['ltv'], audiences: [] }
    const others = await readBetween(sourceWith({ keys: other }, 2_000), null, end)

    expect(between.flatMap(({ records }) => records)).toEqual(
      chunks.flatMap(({ records }) => records),
    )
    expect(between.at(-1)!.position).toEqual(end)
    expect(askedAgain).toBe(asked)
    expect(fake.requests.length).toBeGreaterThan(asked)
    expect(others.flatMap(({ records }) => records)).toHaveLength(users.length)
    expect(others.at(-1)!.position).not.toEqual(end)
  })

  it('begin a new pass after a finished one, and when the list changed', async () => {
    const last = (await readChunks(sourceWith())).at(-1)!
    const first = (await readChunks(sourceWith(), null, 1))[0]

    expect(await readRecords(sourceWith({}, 1_000), last.position)).toHaveLength(90)
    expect(await readRecords(sourceWith({ users: ['u_1'] }, 2_000), first.position)).toHaveLength(2)
  })

  it.each<Json>([7, 'x', {}, { pass: '../../etc', users: '', next: 0, records: 0, done: false }])(
    'of others are refused: %j',
    async (position) => {
      await expect(readRecords(sourceWith(), position)).rejects.toMatchObject({
        code: 'SOURCE_POSITION',
      })
    },
  )
})

describe('the spool', () => {
  it('is readable by its owner alone, and forgets what is committed', async () => {
    const [first, second] = await readChunks(sourceWith())
    const spooled = async () =>
      (await readdir(spoolDirectory)).filter((name) => name !== '.gitignore')
    const names = await spooled()
    expect(names).toHaveLength(3)
    expect((await stat(join(spoolDirectory, names[0]))).mode & 0o777).toBe(0o600)

    await readChunks(sourceWith(), second.position)
    expect(await spooled()).toEqual(names.slice(2))

    await readChunks(sourceWith({ users: ['u_1'] }, 1_000), first.position)
    expect(await spooled()).toHaveLength(1)
  })

  it('ignores what a crash left half written', async () => {
    await writeFile(
      join(spoolDirectory, '20260105T120000000Z.0000000.profiles.ndjson.partial'),
      '[]\n{"tru',
    )

    expect(await readRecords(sourceWith())).toHaveLength(90)
  })
})

describe('ending early', () => {
  it('aborts between requests with the reason', async () => {
    const abort = new AbortController()
    const reading = (async () => {
      for await (const _ of sourceWith().read(null, abort.signal)) abort.abort(new Error('enough'))
    })()

    await expect(reading).rejects.toThrow('enough')
  })
})
