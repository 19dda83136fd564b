import { startFakeProfileApi } from '../../src/testing/index.ts'
import type { FakeProfileApi } from '../../src/testing/index.ts'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import {
  createPacer,
  createProfileApi,
  createProfileApiSource,
} from '../../src/profile-api/index.ts'
import type { ProfileApiSourceOptions } from '../../src/profile-api/index.ts'
import { fakeClock } from '../fake-clock.ts'

const users = Array.from({ length: 1200 }, (_, index) => `u_${index}`)

let fake: FakeProfileApi
beforeAll(async () => {
  fake = await startFakeProfileApi()
})
afterAll(() => fake.stop())
beforeEach(() => {
  fake.recover()
  fake.requests.length = 0
  fake.profiles.clear()
})

function check(options: Partial<ProfileApiSourceOptions> = {}, token = 'profile-token') {
  const clock = fakeClock(0)
  const api = createProfileApi({
    spaceId: 'spa_test',
    token,
    baseUrl: fake.url,
    clock,
    attempts: 2,
    pacer: createPacer(1000, clock),
  })
  const source = createProfileApiSource({
    api,
    users,
    spoolDirectory: '/nowhere',
    clock,
    ...options,
  })
  return source.check!(new AbortController().signal)
}

describe('the Profile API', () => {
  it('is fine when it knows one of the first users, whose values are not asked for', async () => {
    fake.profiles.set('user_id:u_2', { traits: {} })

    expect(await check()).toEqual({ message: '1,200 users listed, and Segment answers' })
    expect(fake.requests.every((target) => target.includes('/metadata'))).toBe(true)
    expect(fake.requests).toHaveLength(3)
  })

  it('is worth a look when it knows none of the first users, or refuses them', async () => {
    fake.fail({ status: 400 })

    const { message, hint } = await check()

    expect([message, hint]).toEqual([
      '1,200 users listed, and Segment knows none of the first 5',
      expect.stringContaining('profile_api.id_type') as string,
    ])
    expect(fake.requests).toHaveLength(5)
  })

  it('is not asked when nobody is listed', async () => {
    expect(await check({ users: [] })).toMatchObject({
      message: 'No user is listed',
      hint: expect.any(String) as string,
    })
    expect(fake.requests).toEqual([])
  })

  it.each([
    ['the token is refused', 'another-token', {}, 'SOURCE_AUTH'],
    ['it does not answer', 'profile-token', { status: 503, times: 9 }, 'SOURCE_UNAVAILABLE'],
  ])('fails when %s', async (_, token, fault, code) => {
    if ('status' in fault) fake.fail(fault)

    const failure = (await check({}, token).catch((error: unknown) => error)) as Error

    expect(failure).toMatchObject({ code })
    expect(failure.message).not.toMatch(/token\b.*another|u_0|person@example/u)
  })

  it('fails when the list is missing', async () => {
    await expect(check({ users: { file: '/nowhere/users.csv' } })).rejects.toMatchObject({
      code: 'SOURCE_NOT_FOUND',
    })
  })
})
