import { startFakePublicApi } from '../../src/testing/index.ts'
import type { FakePublicApi } from '../../src/testing/index.ts'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { PUBLIC_API_URLS, createPublicApi } from '../../src/public-api/index.ts'
import type { PublicApiOptions } from '../../src/public-api/index.ts'
import { fakeClock } from '../fake-clock.ts'

const signal = new AbortController().signal
let fake: FakePublicApi
beforeAll(async () => {
  fake = await startFakePublicApi()
})
afterAll(() => fake.stop())
beforeEach(() => {
  fake.recover()
  fake.requests.length = 0
  fake.hold({})
})

function apiWith(options: Partial<PublicApiOptions> = {}) {
  return createPublicApi({
    token: 'public-token',
    baseUrl: fake.url,
    clock: fakeClock(),
    ...options,
  })
}

const audience = {
  id: 'aud_1',
  spaceId: 'spa_test',
  name: 'Very important',
  key: 'vip',
  enabled: true,
  status: 'Live',
  audienceType: 'USERS',
  definition: { query: "event('X').count() >= 1" },
  options: { includeHistoricalData: true, backfillEventDataDays: 30 },
  computeCadence: { type: 'BATCH' },
  size: { count: 1200, type: 'USERS' },
}

describe('createPublicApi', () => {
  it('reads audiences of the alpha model', async () => {
    fake.hold({ audiences: [audience] })

    expect(await apiWith().listAudiences('spa_test', signal)).toEqual([
      {
        id: 'aud_1',
        key: 'vip',
        name: 'Very important',
        enabled: true,
        status: 'Live',
        cadence: 'batch',
        includesHistory: true,
        lookBackDays: 30,
        definition: "event('X').count() >= 1",
        type: 'users',
        size: 1200,
      },
    ])
    expect(fake.requests[0].accept).toBe('application/vnd.segment.alpha+json')
  })

  it('says null for what an older model leaves out', async () => {
    fake.hold({ audiences: [{ id: 'aud_1', key: 'vip', enabled: false, definition: null }] })

    const [{ cadence, size, includesHistory, status, enabled, name }] =
      await apiWith().listAudiences('spa_test', signal)

    expect({ cadence, size, includesHistory, status, enabled, name }).toEqual({
      cadence: null,
      size: null,
      includesHistory: null,
      status: null,
      enabled: false,
      name: 'vip',
    })
  })

  it('reads the other lists', async () => {
    fake.hold({
      spaces: [{ id: 'spa_test', slug: 'test', name: 'Test' }],
      computedTraits: [
        {
          id: 'tra_1',
          key: 'ltv',
          name: 'Value',
          enabled: true,
          computeCadence: { type: 'REALTIME' },
          options: { includeAnonymousUsers: false, backfillDurationDays: 7 },
        },
      ],
      subscriptions: [
        {
          id: 'sub_1',
          name: 'All',
          actionSlug: 'trackEvent',
          enabled: true,
          trigger: 'type = "track"',
          settings: { a: 1 },
        },
      ],
      filters: [{ title: 'Drop', if: 'event = "X"', enabled: true, actions: [{ type: 'DROP' }] }],
    })
    const api = apiWith()

    expect(await api.listSpaces(signal)).toEqual([{ id: 'spa_test', slug: 'test', name: 'Test' }])
    expect(await api.listComputedTraits('spa_test', signal)).toMatchObject([
      { key: 'ltv', cadence: 'realtime', lookBackDays: 7, includesAnonymousUsers: false },
    ])
    expect(await api.listSubscriptions('dst_test', signal)).toMatchObject([
      { actionSlug: 'trackEvent', trigger: 'type = "track"' },
    ])
    expect(await api.listFilters('dst_test', signal)).toMatchObject([
      { if: 'event = "X"', actions: [{ type: 'DROP' }] },
    ])
  })

  it('reads all pages', async () => {
    fake.hold({
      audiences: Array.from({ length: 401 }, (_, index) => ({
        ...audience,
        id: `aud_${index}`,
        key: `key_${index}`,
      })),
    })

    const audiences = await apiWith().listAudiences('spa_test', signal)

    expect(audiences.map(({ key }) => key)).toEqual(
      Array.from({ length: 401 }, (_, index) => `key_${index}`),
    )
    expect(fake.requests).toHaveLength(3)
  })

  it('keeps US and EU apart', () => {
    expect(PUBLIC_API_URLS).toEqual({
      us: 'https://api.segmentapis.com',
      eu: 'https://eu1.api.segmentapis.com',
    })
  })
})

describe('rate limits', () => {
  const mailDate = (ms: number) => new Date(ms).toUTCString().replace('GMT', '+0000')

  it('waits as long as a 429 says in its body', async () => {
    const clock = fakeClock()
    const start = clock.now()
    const body = JSON.stringify({
      errors: [
        {
          type: 'rate-limit',
          data: { remainingPoints: 0, msBeforeNext: 12_345, consumedPoints: 61 },
        },
      ],
    })
    fake.fail({ status: 429, body })

    await apiWith({ clock }).listAudiences('spa_test', signal)

    expect(clock.now() - start).toBe(12_345)
  })

  it('waits until the date of the reset header when the body says nothing', async () => {
    const clock = fakeClock()
    const start = clock.now()
    fake.fail({
      status: 429,
      body: '{}',
      headers: { 'X-RateLimit-Reset': mailDate(start + 30_000) },
    })

    await apiWith({ clock }).listAudiences('spa_test', signal)

    expect(clock.now() - start).toBe(30_000)
  })

  it('waits before it asks an endpoint that is used up, and no other', async () => {
    const clock = fakeClock()
    const start = clock.now()
    const api = apiWith({ clock })
    fake.fail({
      status: 200,
      headers: { 'X-RateLimit-Remaining': '0', 'X-RateLimit-Reset': mailDate(start + 60_000) },
    })

    await api.listAudiences('spa_test', signal)
    await api.listComputedTraits('spa_test', signal)
    expect(clock.now()).toBe(start)
    await api.listAudiences('spa_test', signal)
    expect(clock.now() - start).toBe(60_000)
  })
})

describe('failures', () => {
  it.each([
    [401, 'SOURCE_AUTH', 1],
    [403, 'SOURCE_AUTH', 1],
    [404, 'SOURCE_REQUEST', 1],
    [422, 'SOURCE_REQUEST', 1],
    [503, 'SOURCE_UNAVAILABLE', 3],
    [429, 'SOURCE_UNAVAILABLE', 3],
    ['hang up', 'SOURCE_UNAVAILABLE', 3],
  ] as const)('%s is %s after %i tries, without token or person', async (status, code, tries) => {
    fake.fail({ status, times: 10 })

    const error = await apiWith({ attempts: 3 })
      .listAudiences('spa_test', signal)
      .catch((thrown: unknown) => thrown as Error)

    expect(error).toMatchObject({ code })
    expect(fake.requests).toHaveLength(tries)
    expect(`${(error as Error).message} ${(error as Error).stack}`).not.toMatch(
      /public-token|person@/u,
    )
  })

  it.each(['<html>', '{}', '{"data":{}}', '{"data":{"audiences":7}}'])(
    'says that %s is no answer',
    async (body) => {
      fake.fail({ status: 200, body })

      await expect(apiWith().listAudiences('spa_test', signal)).rejects.toMatchObject({
        code: 'SOURCE_ANSWER',
      })
    },
  )

  it('refuses a wrong token', async () => {
    await expect(
      apiWith({ token: 'wrong' }).listAudiences('spa_test', signal),
    ).rejects.toMatchObject({ code: 'SOURCE_AUTH' })
  })
})
