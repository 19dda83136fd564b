import { describe, expect, it } from 'vitest'
import { BrazeAnswerError, BrazeAuthError, BrazeUnavailableError } from '../../src/errors.ts'
import { exchange } from '../../src/exchange/exchange.ts'
import type { Call } from '../../src/exchange/exchange.ts'
import { createSharedPace } from '../../src/exchange/connect.ts'
import type { RequestTold } from '../../src/hooks/index.ts'
import { connection } from '../connection.ts'
import { scriptedBraze, SUCCESS } from '../scripted-braze.ts'
import type { Reply } from '../scripted-braze.ts'
import { TransportError } from '../../src/transport/transport.ts'
import { InstantClock, TestClock } from '../test-clock.ts'
import { unusedPort } from '../transport/transport-behaviour.ts'

const CALL: Call = {
  method: 'POST',
  path: '/users/track',
  body: Buffer.from('{}'),
  group: 'track',
  repeatable: true,
}
const scripted = (...replies: readonly Reply[]) =>
  scriptedBraze((_, number) => replies[Math.min(number, replies.length - 1)])

describe('exchange', () => {
  it('sends the key, the form of body, and who calls', async () => {
    await using braze = await scripted({
      status: 201,
      body: { message: 'success' },
      headers: { 'x-request-id': 'r-1' },
    })
    await using made = connection(braze.url)

    const result = await exchange(made.shared, CALL)

    expect(result).toMatchObject({
      kind: 'answer',
      status: 201,
      body: { message: 'success' },
      tries: 1,
      requestId: 'r-1',
    })
    expect(braze.arrived[0].headers).toMatchObject({
      authorization: 'Bearer key-of-test',
      'content-type': 'application/json',
      'user-agent': 'partner-EngageSync',
    })
    expect(braze.arrived[0].headers['content-encoding']).toBeUndefined()
  })

  it('leaves the key out where a call carries its own', async () => {
    await using braze = await scripted(SUCCESS)
    await using made = connection(braze.url)

    await exchange(made.shared, { ...CALL, authorised: false })

    expect(braze.arrived[0].headers['authorization']).toBeUndefined()
  })

  it.each([408, 423, 429, 500, 502, 503, 504])(
    'tries again after HTTP %i, whatever the call',
    async (status) => {
      await using braze = await scripted({ status }, { status }, SUCCESS)
      await using made = connection(braze.url)

      expect(await exchange(made.shared, { ...CALL, repeatable: false })).toMatchObject({
        kind: 'answer',
        tries: 3,
      })
      expect(made.clock.waits.filter((ms) => ms >= 250)).toEqual([250, 500])
    },
  )

  it('waits as long as a 429 says, and lets nobody else go either', async () => {
    await using braze = await scripted(
      { status: 429, headers: { 'X-Ratelimit-Retry-After': '7' } },
      SUCCESS,
    )
    const clock = new TestClock()
    await using made = connection(braze.url, { clock })
    const first = exchange(made.shared, CALL)
    while (clock.timers === 0) await new Promise((resolve) => setTimeout(resolve, 5))

    let isAnotherGone = false
    void made.shared.paces.track.enter().then(() => (isAnotherGone = true))
    await clock.advance(6900)
    expect(isAnotherGone).toBe(false)
    await clock.advance(200)

    expect(isAnotherGone).toBe(true)
    expect((await first).tries).toBe(2)
  })

  it('gives its place back when there was no answer', async () => {
    const answer: Reply = {
      status: 201,
      body: { message: 'success' },
      headers: { 'x-ratelimit-remaining': '3', 'x-ratelimit-reset': '3600' },
    }
    await using braze = await scripted('reset', 'reset', 'reset', answer, SUCCESS)
    await using made = connection(braze.url)
    const start = made.clock.now()

    await exchange(made.shared, CALL)
    await exchange(made.shared, CALL)

    expect(made.clock.now() - start).toBeLessThan(60_000)
  })

  it('spends the budget on tries as on waits', async () => {
    let now = 0
    let tries = 0
    const clock = {
      now: () => now,
      wallTime: () => now,
      schedule: (ms: number, callback: () => void) => (
        (now += ms),
        queueMicrotask(callback),
        () => undefined
      ),
    }
    const transport = {
      send: () => (
        (now += 60_000),
        tries++,
        Promise.reject(new TransportError('unknown', 'ETIMEDOUT'))
      ),
      close: async () => undefined,
    }
    await using made = connection('http://127.0.0.1:1', {
      clock,
      transport,
      retry: { budgetMs: 200_000, firstContactMs: 200_000 },
    })

    await expect(exchange(made.shared, CALL)).rejects.toMatchObject({
      code: 'DESTINATION_UNAVAILABLE',
    })
    expect(tries).toBe(4)
  })

  it('does not try again with a certificate that is wrong', async () => {
    let tries = 0
    const transport = {
      send: () => (tries++, Promise.reject(new TransportError('unsent', 'CERT_HAS_EXPIRED'))),
      close: async () => undefined,
    }
    await using made = connection('http://127.0.0.1:1', { transport })

    await expect(exchange(made.shared, CALL)).rejects.toMatchObject({
      code: 'DESTINATION_UNAVAILABLE',
    })
    expect(tries).toBe(1)
  })

  it('tells 413 as too large', async () => {
    await using braze = await scripted({ status: 413 })
    await using made = connection(braze.url)

    expect(await exchange(made.shared, CALL)).toEqual({ kind: 'split', tries: 1 })
  })

  it('hands out a 400', async () => {
    await using braze = await scripted({ status: 400, body: { message: 'no' } })
    await using made = connection(braze.url)

    expect(await exchange(made.shared, CALL)).toMatchObject({
      kind: 'answer',
      status: 400,
      body: { message: 'no' },
    })
  })

  it.each([401, 403])('throws on HTTP %i, once', async (status) => {
    await using braze = await scripted({
      status,
      body: { message: 'Invalid API key: key-of-test' },
    })
    await using made = connection(braze.url)

    const error = await exchange(made.shared, CALL).catch((thrown: unknown) => thrown)

    expect(error).toBeInstanceOf(BrazeAuthError)
    expect(error).toMatchObject({ code: 'DESTINATION_AUTH', status, retryable: false })
    expect(braze.arrived).toHaveLength(1)
  })

  it.each([
    [404, '{}'],
    [415, '{}'],
    [301, '{}'],
    [501, '{}'],
    [201, '<html>'],
    [201, ''],
    [204, ''],
    [201, 'null'],
    [201, '[]'],
    [201, '"ok"'],
    [201, '{"message":"succ'],
    [400, 'Bad Request'],
  ])('throws on HTTP %i with %s', async (status, body) => {
    await using braze = await scripted({ status, body })
    await using made = connection(braze.url)

    const error = await exchange(made.shared, CALL).catch((thrown: unknown) => thrown)

    expect(error).toBeInstanceOf(BrazeAnswerError)
    expect(error).toMatchObject({ code: 'BRAZE_ANSWER', status, retryable: false })
    expect(braze.arrived).toHaveLength(1)
  })

  it('takes an empty body of a refusal as an empty object', async () => {
    await using braze = await scripted({ status: 400, body: '' })
    await using made = connection(braze.url)

    expect(await exchange(made.shared, CALL)).toMatchObject({
      kind: 'answer',
      status: 400,
      body: {},
    })
  })

  it('tells of a foreign success that it may have been applied, of a refusal that it was not', async () => {
    const mayBeApplied = async (status: number) => {
      await using braze = await scripted({ status, body: '<html>' })
      await using made = connection(braze.url)
      return (
        (await exchange(made.shared, CALL).catch((thrown: unknown) => thrown)) as BrazeAnswerError
      ).mayBeApplied
    }

    expect([await mayBeApplied(201), await mayBeApplied(400), await mayBeApplied(404)]).toEqual([
      true,
      false,
      false,
    ])
  })

  it('takes an answer without end for none of Braze, and does not ask for it again', async () => {
    let tries = 0
    const transport = {
      send: () => (tries++, Promise.reject(new TransportError('oversized', 'ANSWER_TOO_LARGE'))),
      close: async () => undefined,
    }
    await using made = connection('http://127.0.0.1:1', { transport })

    const error = await exchange(made.shared, CALL).catch((thrown: unknown) => thrown)

    expect(error).toMatchObject({ code: 'BRAZE_ANSWER', status: null, mayBeApplied: true })
    expect((error as Error).message).toContain('more than 16 MiB')
    expect(tries).toBe(1)
  })

  it.each([
    [
      'a reset a month away',
      { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': String(30 * 86_400) },
    ],
    [
      'a reset in milliseconds',
      { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': String(Date.UTC(2026, 0, 1)) },
    ],
    ['a reset without end', { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': '1e300' }],
  ])('does not wait for %s, and says so', async (_, headers) => {
    await using braze = await scripted({ status: 201, body: { message: 'success' }, headers })
    await using made = connection(braze.url)
    await exchange(made.shared, CALL)

    const error = await exchange(made.shared, CALL).catch((thrown: unknown) => thrown)

    expect(error).toMatchObject({ code: 'DESTINATION_UNAVAILABLE', retryable: true })
    expect((error as Error).message).toContain('its rate limit asks to wait')
    expect(made.clock.waits.filter((ms) => ms > 300_000)).toEqual([])
  })

  it('does not wait longer than five minutes for a 429 either, whatever the budget', async () => {
    await using braze = await scripted({ status: 429, headers: { 'retry-after': '3600' } })
    await using made = connection(braze.url, { retry: { budgetMs: 1e9, firstContactMs: 1e9 } })

    await expect(exchange(made.shared, CALL)).rejects.toMatchObject({
      code: 'DESTINATION_UNAVAILABLE',
    })
    expect(made.clock.waits.filter((ms) => ms > 300_000)).toEqual([])
  })

  it('tells its hooks of tries, answers, retries and waits, and of no query', async () => {
    await using braze = await scripted(
      { status: 503, headers: { 'x-request-id': 'r-1' } },
      {
        status: 201,
        body: { message: 'success' },
        headers: { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': '60' },
      },
      SUCCESS,
    )
    const told: unknown[][] = []
    const hooks = {
      onRequest: (each: object) => told.push(['request', each]),
      onAnswer: (each: object) => told.push(['answer', each]),
      onRetry: (each: object) => told.push(['retry', each]),
      onWait: (each: object) => told.push(['wait', each]),
    }
    await using made = connection(braze.url, { hooks })
    const call = { ...CALL, method: 'GET', body: null, path: '/x?external_id=jane' } as const

    await exchange(made.shared, call)
    await exchange(made.shared, call)

    const first = { method: 'GET', path: '/x', attempt: 1 }
    expect(told.map(([kind]) => kind).join(' ')).toBe(
      'request answer retry request answer wait request answer',
    )
    expect(told[1][1]).toMatchObject({ ...first, status: 503, requestId: 'r-1', remaining: null })
    expect(told[2][1]).toMatchObject({ ...first, reason: 'HTTP 503' })
    expect(told[4][1]).toMatchObject({ ...first, attempt: 2, status: 201, remaining: 0 })
    expect(told[5][1]).toEqual({ group: 'track', waitMs: 60_000 })
    expect(JSON.stringify(told)).not.toMatch(/jane|key-of-test/u)
  })

  it('asks before every try, when its turn has come, and sends nothing that may not leave', async () => {
    let isHeld = true
    await using braze = await scriptedBraze((_, number) => {
      if (number === 1) isHeld = false
      return { status: 503 }
    })
    const lost = new Error('the lease is lost')
    const steps: string[] = []
    const { track, ...paces } = createSharedPace({ clock: new InstantClock() })
    const enter = async () => {
      await track.enter()
      steps.push('enter')
    }
    const leave = () => {
      steps.push('leave')
      track.leave()
    }
    const beforeRequest = async ({ attempt }: RequestTold) => {
      steps.push(`ask ${attempt}`)
      if (!isHeld) throw lost
    }
    const pace = { ...paces, track: { ...track, enter, leave, pause: () => undefined } }
    await using made = connection(braze.url, { pace, hooks: { beforeRequest } })

    await expect(exchange(made.shared, CALL)).rejects.toBe(lost)

    expect(braze.arrived).toHaveLength(2)
    expect(steps.join(', ')).toBe('enter, ask 1, leave, enter, ask 2, leave, enter, ask 3, leave')
  })

  it('repeats what may be repeated after an unknown outcome', async () => {
    await using braze = await scripted('reset', SUCCESS)
    await using made = connection(braze.url)

    expect(await exchange(made.shared, CALL)).toMatchObject({ kind: 'answer', tries: 2 })
  })

  it.each([
    ['reset', 'ECONNRESET', 10_000],
    ['silence', 'ETIMEDOUT', 50],
  ] as const)('never repeats the rest: %s', async (reply, code, timeoutMs) => {
    await using braze = await scripted(reply, SUCCESS)
    await using made = connection(braze.url, { timeoutMs })

    expect(await exchange(made.shared, { ...CALL, repeatable: false })).toEqual({
      kind: 'unknown',
      reason: code,
      tries: 1,
    })
    expect(braze.arrived).toHaveLength(1)
  })

  it('gives up when the budget is spent', async () => {
    await using braze = await scripted({ status: 503 })
    await using made = connection(braze.url, { retry: { budgetMs: 10_000 } })

    const error = await exchange(made.shared, CALL).catch((thrown: unknown) => thrown)

    expect(error).toBeInstanceOf(BrazeUnavailableError)
    expect(error).toMatchObject({ code: 'DESTINATION_UNAVAILABLE', status: 503, retryable: true })
    expect(made.clock.waits.reduce((sum, ms) => sum + ms, 0)).toBeLessThanOrEqual(10_000)
  })

  it('gives up at once when a 429 asks for more than the budget', async () => {
    await using braze = await scripted({ status: 429, headers: { 'retry-after': '3000' } })
    await using made = connection(braze.url)

    await expect(exchange(made.shared, CALL)).rejects.toMatchObject({
      code: 'DESTINATION_UNAVAILABLE',
      status: 429,
    })
    expect(braze.arrived).toHaveLength(1)
  })

  it('takes less patience with an endpoint that never answered', async () => {
    await using made = connection(`http://127.0.0.1:${await unusedPort()}`, {
      retry: { firstContactMs: 2000 },
    })

    await expect(exchange(made.shared, { ...CALL, repeatable: false })).rejects.toMatchObject({
      code: 'DESTINATION_UNAVAILABLE',
      status: null,
    })
    expect(made.clock.waits.reduce((sum, ms) => sum + ms, 0)).toBeLessThan(3000)
  })

  it('does not spend the budget on waiting for its turn', async () => {
    await using braze = await scripted(
      {
        status: 201,
        body: { message: 'success' },
        headers: { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': '299' },
      },
      { status: 500 },
      SUCCESS,
    )
    await using made = connection(braze.url)
    await exchange(made.shared, CALL)

    expect(await exchange(made.shared, CALL)).toMatchObject({ kind: 'answer', tries: 2 })
  })

  it('ends with the reason of an abort while it waits', async () => {
    await using braze = await scripted({ status: 503 })
    const reason = new Error('stopped by the test')
    const stop = new AbortController()
    await using made = connection(braze.url, {
      clock: {
        now: () => 0,
        wallTime: () => 0,
        schedule: () => (queueMicrotask(() => stop.abort(reason)), () => undefined),
      },
    })

    await expect(exchange(made.shared, { ...CALL, signal: stop.signal })).rejects.toBe(reason)
  })

  it('names the path of a call in errors, never its query', async () => {
    await using braze = await scripted({ status: 404 })
    await using made = connection(braze.url)

    const error = (await exchange(made.shared, {
      ...CALL,
      method: 'GET',
      body: null,
      path: '/x?external_id=jane',
    }).catch((thrown: unknown) => thrown)) as Error

    expect(error.message).toContain('/x ')
    expect(error.message).not.toContain('jane')
  })
})
