import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { EvenRate, WindowRate } from '../../src/pace/rate-limit.ts'

/** A request's way: when it left, when it reached Braze. */
interface Way {
  readonly leftAt: number
  readonly arrivedAt: number
}

/** One request to send: so long after the one before, and where in its way it arrives. */
interface Sending {
  readonly idleMs: number
  readonly takesMs: number
  /** From 0, when it leaves, to 1, when it is over. */
  readonly arrival: number
}

/** Sends requests as soon as the limit lets them. */
function sendAll(limit: WindowRate, requests: readonly Sending[]): readonly Way[] {
  const ways: Way[] = []
  let open: number[] = []
  let now = 0
  const moveTo = (time: number) => {
    for (const overAt of open.filter((at) => at <= time).sort((a, b) => a - b)) limit.over(overAt)
    open = open.filter((at) => at > time)
    now = time
  }
  for (const { idleMs, takesMs, arrival } of requests) {
    moveTo(now + idleMs)
    for (let waitMs = limit.waitMs(now); waitMs > 0; waitMs = limit.waitMs(now))
      moveTo(Math.min(now + waitMs, ...open))
    limit.leave()
    ways.push({ leftAt: now, arrivedAt: now + takesMs * arrival })
    open.push(now + takesMs)
  }
  return ways
}

describe('WindowRate', () => {
  it('lets no more requests arrive in any window than it is given, however long they travel', () => {
    const request = fc.record({
      idleMs: fc.integer({ min: 0, max: 1500 }),
      takesMs: fc.integer({ min: 0, max: 2000 }),
      arrival: fc.constantFrom(0, 0.5, 1),
    })
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 6 }),
        fc.array(request, { maxLength: 60 }),
        (most, requests) => {
          const arrivals = sendAll(new WindowRate(most, 3000), requests).map(
            ({ arrivedAt }) => arrivedAt,
          )

          for (const begin of arrivals) {
            expect(
              arrivals.filter((at) => at >= begin && at < begin + 3000).length,
            ).toBeLessThanOrEqual(most)
          }
        },
      ),
      { numRuns: 500 },
    )
  })

  it('keeps nobody waiting longer than the window asks', () => {
    const ways = sendAll(
      new WindowRate(3, 3000),
      Array.from({ length: 9 }, () => ({ idleMs: 0, takesMs: 100, arrival: 0.5 })),
    )

    expect(ways.map(({ leftAt }) => leftAt)).toEqual([0, 0, 0, 3100, 3100, 3100, 6200, 6200, 6200])
  })
})

describe('EvenRate', () => {
  it('spaces what comes at once, after the first fifth of a second', () => {
    const limit = new EvenRate(10)
    const left: number[] = []
    for (let now = 0; now < 1000; now += 50) {
      while (limit.waitMs(now) <= 0) {
        limit.leave(now)
        left.push(now)
      }
    }

    expect(left).toEqual([0, 0, 100, 200, 300, 400, 500, 600, 700, 800])
  })
})
