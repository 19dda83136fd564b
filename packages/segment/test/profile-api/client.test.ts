import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { startFakeProfileApi } from '../../src/testing/index.ts'
import type { FakeProfileApi } from '../../src/testing/index.ts'
import { PROFILE_API_URLS, createProfileApi } from '../../src/profile-api/index.ts'
import type { ProfileApiOptions } from '../../src/profile-api/index.ts'
import { fakeClock } from '../fake-clock.ts'

const signal = new AbortController().signal
const ada = { type: 'user_id', id: 'u_ada' }

let fake: FakeProfileApi
beforeAll(async () => {
  fake = await startFakeProfileApi()
})
afterAll(() => fake.stop())
beforeEach(() => {
  fake.profiles.clear()
  fake.requests.length = 0
})

function apiWith(options: Partial<ProfileApiOptions> = {}) {
  return createProfileApi({
    spaceId: 'spa_test',
    token: 'profile-token',
    baseUrl: fake.url,
    clock: fakeClock(),
    ...options,
  })
}

function traitsNamed(count: number) {
  return Object.fromEntries(
    Array.from({ length: count }, (_, index) => [`trait_${index}`, { value: index }]),
  )
}

describe('traits', () => {
  it('reads all pages, with the time of each value', async () => {
    fake.profiles.set('user_id:u_ada', {
      traits: { ...traitsNamed(450), ltv: { value: 7.5, updatedAt: '2026-02-01T00:00:00.000Z' } },
    })

    const traits = await apiWith().traits(ada, {}, signal)

    expect(traits?.size).toBe(451)
    expect(traits?.get('ltv')).toEqual({ value: 7.5, updatedAt: '2026-02-01T00:00:00.000Z' })
    expect(fake.requests).toHaveLength(3)
    expect(fake.requests[0]).toContain('limit=200')
  })

  it('asks for a class or for names', async () => {
    fake.profiles.set('user_id:u_ada', {
      traits: {
        vip: { value: true, class: 'audience' },
        ltv: { value: 7, class: 'computed_trait' },
      },
    })
    const api = apiWith()

    expect([...(await api.traits(ada, { class: 'audience' }, signal))!.keys()]).toEqual(['vip'])
    expect([...(await api.traits(ada, { include: ['ltv', 'other'] }, signal))!.keys()]).toEqual([
      'ltv',
    ])
  })

  it('splits a list of names that is too long for a URL', async () => {
    const names = Array.from({ length: 500 }, (_, index) => `a_rather_long_trait_name_${index}`)
    fake.profiles.set('user_id:u_ada', {
      traits: Object.fromEntries(names.map((name) => [name, { value: 1 }])),
    })

    const traits = await apiWith().traits(ada, { include: names }, signal)

    expect(traits?.size).toBe(500)
    expect(Math.max(...fake.requests.map(({ length }) => length))).toBeLessThan(6_000)
  })

  it('lower-cases and encodes the identifier', async () => {
    fake.profiles.set('email:ada+1@example.com', { traits: traitsNamed(1) })

    expect(
      (await apiWith().traits({ type: 'email', id: 'Ada+1@Example.com' }, {}, signal))?.size,
    ).toBe(1)
    expect(fake.requests[0]).toContain('/email:ada%2B1%40example.com/traits')
  })

  it('gives null for a profile that does not exist', async () => {
    expect(await apiWith().traits(ada, {}, signal)).toBeNull()
  })
})

describe('the other questions', () => {
  it('reads all external ids, 25 at a time', async () => {
    fake.profiles.set('user_id:u_ada', {
      externalIds: Array.from({ length: 60 }, (_, index) => ({
        type: 'email',
        id: `${index}@example.com`,
      })),
    })

    const ids = await apiWith().externalIds(ada, signal)

    expect(ids).toHaveLength(60)
    expect(ids?.[0]).toEqual({
      type: 'email',
      id: '0@example.com',
      createdAt: '2026-01-01T00:00:00.000Z',
    })
    expect(fake.requests).toHaveLength(3)
  })

  it('streams events in the order asked for', async () => {
    const events = Array.from({ length: 150 }, (_, index) => ({
      type: 'track',
      event: index % 2 === 0 ? 'Even' : 'Odd',
      properties: { index },
    }))
    fake.profiles.set('user_id:u_ada', { events })
    const indexes = []

    for await (const { properties } of apiWith().events(
      ada,
      { include: ['Even'], sort: 'asc' },
      signal,
    ))
      indexes.push(properties)

    expect(indexes).toHaveLength(75)
    expect(indexes[1]).toEqual({ index: 2 })
  })

  it('reads metadata', async () => {
    fake.profiles.set('user_id:u_ada', {})

    expect(await apiWith().metadata(ada, signal)).toEqual({
      createdAt: '2026-01-01T00:00:00.000Z',
      updatedAt: '2026-01-05T10:00:00.000Z',
      expiresAt: null,
    })
  })
})

describe('failures', () => {
  beforeEach(() => fake.profiles.set('user_id:u_ada', { traits: traitsNamed(1) }))

  it.each([
    [401, 'SOURCE_AUTH'],
    [403, 'SOURCE_AUTH'],
    [400, 'SOURCE_REQUEST'],
    [422, 'SOURCE_REQUEST'],
  ])('does not try HTTP %i again and throws %s', async (status, code) => {
    fake.fail({ status })

    await expect(apiWith().traits(ada, {}, signal)).rejects.toMatchObject({ code })
    expect(fake.requests).toHaveLength(1)
  })

  it.each([500, 502, 503, 429, 408])('tries HTTP %i again', async (status) => {
    fake.fail({ status, times: 3 })

    expect((await apiWith().traits(ada, {}, signal))?.size).toBe(1)
    expect(fake.requests).toHaveLength(4)
  })

  it('tries a broken connection again', async () => {
    fake.fail({ status: 'hang up', times: 2 })

    expect((await apiWith().traits(ada, {}, signal))?.size).toBe(1)
  })

  it.each([503, 429, 'hang up'] as const)('gives up on %s after its tries', async (status) => {
    fake.fail({ status, times: 3 })

    await expect(apiWith({ attempts: 3 }).traits(ada, {}, signal)).rejects.toMatchObject({
      code: 'SOURCE_UNAVAILABLE',
    })
    expect(fake.requests).toHaveLength(3)
  })

  it('waits as long as Retry-After says', async () => {
    const clock = fakeClock()
    fake.fail({ status: 429, headers: { 'Retry-After': '7' } })
    const before = clock.now()

    await apiWith({ clock }).traits(ada, {}, signal)

    expect(clock.now() - before).toBeGreaterThanOrEqual(7_000)
    expect(clock.now() - before).toBeLessThan(8_000)
  })

  it('makes all who share the space wait after a 429', async () => {
    const pauses: number[] = []
    const pacer = { turn: async () => {}, pause: (ms: number) => void pauses.push(ms) }
    fake.fail({ status: 429, headers: { 'Retry-After': '7' } })

    await apiWith({ pacer }).traits(ada, {}, signal)

    expect(pauses).toEqual([7_000])
  })

  it('says that an answer is none', async () => {
    fake.fail({ status: 200, body: '<html>login</html>' })

    await expect(apiWith().traits(ada, {}, signal)).rejects.toMatchObject({ code: 'SOURCE_ANSWER' })
  })

  it('tells a wrong space from a missing profile', async () => {
    fake.fail({ status: 404, body: 'no route' })

    await expect(apiWith().traits(ada, {}, signal)).rejects.toMatchObject({
      code: 'SOURCE_REQUEST',
      hint: expect.stringContaining('space_id'),
    })
  })

  it('ends with the reason of an abort', async () => {
    const abort = new AbortController()
    abort.abort(new Error('enough'))

    await expect(apiWith().traits(ada, {}, abort.signal)).rejects.toThrow('enough')
  })

  it.each([400, 401, 404, 422, 429, 500, 'hang up'] as const)(
    'repeats neither token nor person in the error of %s',
    async (status) => {
      const canary = { type: 'email', id: 'person@example.com' }
      fake.fail({
        status,
        body: status === 404 ? '{"error":"person@example.com profile-token"}' : undefined,
      })

      const error = await apiWith({ attempts: 1 })
        .traits(canary, {}, signal)
        .catch((thrown: unknown) => thrown as Error & { hint?: string })

      expect(error).toBeInstanceOf(Error)
      const text = JSON.stringify({
        ...(error as Error),
        message: (error as Error).message,
        stack: (error as Error).stack,
        cause: String((error as Error).cause),
      })
      expect(text).not.toMatch(/person|profile-token|cHJvZmls/u)
    },
  )
})

describe('addresses', () => {
  it('says that a server is not there', async () => {
    const down = apiWith({ baseUrl: 'http://127.0.0.1:1', attempts: 1 })

    await expect(down.traits(ada, {}, signal)).rejects.toMatchObject({ code: 'SOURCE_UNAVAILABLE' })
  })

  it('keeps US and EU apart', () => {
    expect(PROFILE_API_URLS).toEqual({
      us: 'https://profiles.segment.com',
      eu: 'https://profiles.euw1.segment.com',
    })
  })
})
