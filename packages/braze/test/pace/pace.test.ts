import { describe, expect, it } from 'vitest'
import { createPace } from '../../src/pace/pace.ts'
import { settle, TestClock } from '../test-clock.ts'

/** Starts so many requests; tells when each left. */
function leaveAll(requestsPerSecond: number, count: number, clock: TestClock) {
  const pace = createPace({ requestsPerSecond, clock })
  const left: number[] = []
  const start = clock.now()
  for (let index = 0; index < count; index++)
    void pace.enter().then(() => left.push(clock.now() - start))
  return { pace, left }
}

describe('createPace', () => {
  it.each([1, 4, 50, 250, 1000])(
    'lets no more than %i requests go in any second',
    async (requestsPerSecond) => {
      const clock = new TestClock()
      const { left } = leaveAll(requestsPerSecond, requestsPerSecond * 4, clock)

      await clock.advance(10_000)

      expect(left).toHaveLength(requestsPerSecond * 4)
      for (let index = requestsPerSecond; index < left.length; index++) {
        expect(left[index] - left[index - requestsPerSecond]).toBeGreaterThanOrEqual(1000)
      }
    },
  )

  it('reaches the configured rate', async () => {
    const clock = new TestClock()
    const { left } = leaveAll(1000, 5000, clock)

    await clock.advance(5000)

    expect(left.length).toBeGreaterThanOrEqual(4900)
  })

  it('lets a whole window go at once where one is given, and the next when the first is over', async () => {
    const clock = new TestClock()
    const pace = createPace({ requestsPerSecond: 10, windowSeconds: 3, clock })
    const left: number[] = []
    const start = clock.now()
    for (let index = 0; index < 40; index++)
      void pace.enter().then(() => left.push(clock.now() - start))

    await clock.advance(100)
    expect(left).toEqual(Array.from({ length: 30 }, () => 0))
    for (let index = 0; index < 30; index++) pace.leave()
    await clock.advance(2999)
    expect(left).toHaveLength(30)
    await clock.advance(2)
    expect(left).toEqual([
      ...Array.from({ length: 30 }, () => 0),
      ...Array.from({ length: 10 }, () => 3100),
    ])
    expect(clock.timers).toBe(0)
  })

  it('waits for an answer where all of a window is on its way, without a timer', async () => {
    const clock = new TestClock()
    const pace = createPace({ requestsPerSecond: 1, windowSeconds: 1, clock })
    await pace.enter()
    let isGone = false
    void pace.enter().then(() => (isGone = true))

    await clock.advance(60_000)
    expect(isGone).toBe(false)
    expect(clock.timers).toBe(0)
    pace.leave()
    await clock.advance(1000)

    expect(isGone).toBe(true)
  })

  it('makes up for a stall of the event loop within the second', async () => {
    const clock = new TestClock()
    const { pace, left } = leaveAll(100, 100, clock)
    await clock.advance(2000)

    const before = left.length
    for (let index = 0; index < 15; index++) void pace.enter().then(() => left.push(clock.now()))
    await settle()

    expect(left.length - before).toBe(15)
  })

  it('is ready while few wait to leave, and again once enough have left', async () => {
    const clock = new TestClock()
    const pace = createPace({ requestsPerSecond: 10, clock })
    const enter = () => void pace.enter()
    for (let index = 0; index < 2 + 15; index++) enter()
    await expect(pace.ready()).resolves.toBeUndefined()
    enter()
    let isReady = false
    void pace.ready().then(() => (isReady = true))

    await settle()
    expect(isReady).toBe(false)
    await clock.advance(110)
    expect(isReady).toBe(true)
  })

  it('is ready again when those who waited gave up', async () => {
    const pace = createPace({ requestsPerSecond: 1, clock: new TestClock() })
    const stop = new AbortController()
    const entered = Array.from({ length: 40 }, () => pace.enter(stop.signal).catch(() => {}))
    const ready = pace.ready()

    stop.abort()

    await expect(ready).resolves.toBeUndefined()
    await Promise.all(entered)
  })

  it('works below one request a second', async () => {
    const clock = new TestClock()
    const { left } = leaveAll(0.5, 3, clock)

    await clock.advance(4500)

    expect(left).toEqual([0, 2000, 4000])
  })

  it('lets requests go in the order they came', async () => {
    const clock = new TestClock()
    const pace = createPace({ requestsPerSecond: 10, clock })
    const order: number[] = []
    for (let index = 0; index < 30; index++) void pace.enter().then(() => order.push(index))

    await clock.advance(5000)

    expect(order).toEqual(Array.from({ length: 30 }, (_, index) => index))
  })

  it.each([
    ['epoch seconds', (clock: TestClock) => String(Math.floor(clock.now() / 1000) + 10)],
    ['seconds from now', () => '10'],
  ])('stops until the reset when nothing is left, given as %s', async (_, resetOf) => {
    const clock = new TestClock()
    const pace = createPace({ requestsPerSecond: 100, clock })
    await pace.enter()
    pace.leave({ 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': resetOf(clock) })
    let leftAt: number | null = null
    void pace.enter().then(() => (leftAt = clock.now()))
    const start = clock.now()

    await clock.advance(9999)
    expect(leftAt).toBeNull()
    await clock.advance(2)

    expect(leftAt! - start).toBe(10_000)
  })

  it('counts what is in flight against what the headers say is left', async () => {
    const clock = new TestClock()
    const { pace, left } = leaveAll(100, 10, clock)
    await settle()
    expect(left).toHaveLength(10)
    // One answer came, nine requests are still on their way: of twelve left, three may leave now.
    pace.leave({ 'x-ratelimit-remaining': '12', 'x-ratelimit-reset': '60' })
    for (let index = 0; index < 8; index++) void pace.enter().then(() => left.push(clock.now()))

    await clock.advance(59_000)

    expect(left).toHaveLength(13)
    await clock.advance(1100)
    expect(left).toHaveLength(18)
  })

  it('does not let an older answer widen a window', async () => {
    const clock = new TestClock()
    const { pace, left } = leaveAll(100, 2, clock)
    await settle()
    pace.leave({ 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': '30' })
    pace.leave({ 'x-ratelimit-remaining': '50', 'x-ratelimit-reset': '30' })
    void pace.enter().then(() => left.push(clock.now()))

    await clock.advance(29_000)

    expect(left).toHaveLength(2)
  })

  it.each([
    {},
    { 'x-ratelimit-remaining': '', 'x-ratelimit-reset': '' },
    { 'x-ratelimit-remaining': '0' },
  ])('learns nothing from headers that say nothing: %j', async (headers) => {
    const clock = new TestClock()
    const pace = createPace({ requestsPerSecond: 100, clock })
    await pace.enter()
    pace.leave(headers)

    await expect(pace.enter()).resolves.toBeUndefined()
  })

  it('pauses everybody', async () => {
    const clock = new TestClock()
    const { pace, left } = leaveAll(10, 5, clock)
    pace.pause(3000)

    await clock.advance(2999)
    const before = left.length
    await clock.advance(1000)

    expect(before).toBeLessThanOrEqual(2)
    expect(left).toHaveLength(5)
  })

  it('frees a waiter at once when it is aborted, and keeps the place of the others', async () => {
    const clock = new TestClock()
    const pace = createPace({ requestsPerSecond: 1, clock })
    await pace.enter()
    const stop = new AbortController()
    const reason = new Error('stopped by the test')
    const aborted = pace.enter(stop.signal)
    let isOtherGone = false
    void pace.enter().then(() => (isOtherGone = true))

    stop.abort(reason)

    await expect(aborted).rejects.toBe(reason)
    await clock.advance(1001)
    expect(isOtherGone).toBe(true)
  })

  it('refuses who is aborted before', async () => {
    const reason = new Error('stopped by the test')

    await expect(
      createPace({ requestsPerSecond: 1, clock: new TestClock() }).enter(AbortSignal.abort(reason)),
    ).rejects.toBe(reason)
  })

  it('leaves no timer behind', async () => {
    const clock = new TestClock()
    const { pace } = leaveAll(10, 25, clock)
    await clock.advance(5000)
    expect(clock.timers).toBe(0)
    const stop = new AbortController()
    pace.pause(60_000)
    const waiting = pace.enter(stop.signal)
    expect(clock.timers).toBe(1)

    stop.abort(new Error('stopped by the test'))

    await expect(waiting).rejects.toThrow('stopped')
    expect(clock.timers).toBe(0)
  })
})
