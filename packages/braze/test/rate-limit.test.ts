import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { EvenRate, WindowRate } from '../src/rate-limit.ts'

/** A request's way: when it left, when it reached Braze, when it was over. */
interface Way {
  readonly leftAt: number
  readonly arrivedAt: number
  readonly overAt: number
}

/** Sends requests as soon as the limit lets them; each takes the time it is given, and arrives somewhere in it. */
function sendAll(limit: WindowRate, requests: readonly { readonly takesMs: number; readonly arrival: number }[]): readonly Way[] {
  const ways: Way[] = []
  const open: number[] = []
  let now = 0
  const finish = () => {
    open.sort((a, b) => a - b)
    now = Math.max(now, open.shift()!)
    limit.over(now)
  }
  for (const { takesMs, arrival } of requests) {
    for (let waitMs = limit.waitMs(now); waitMs > 0; waitMs = limit.waitMs(now)) {
      const isOverFirst = open.length > 0 && Math.min(...open) <= now + waitMs
      if (isOverFirst) finish()
      else now += waitMs
    }
    limit.leave()
    ways.push({ leftAt: now, arrivedAt: now + takesMs * arrival, overAt: now + takesMs })
    open.push(now + takesMs)
  }
  return ways
}

describe('WindowRate', () => {
  it('lets no more requests arrive in any window than it is given, however long they travel', () => {
    const request = fc.record({ takesMs: fc.integer({ min: 0, max: 5000 }), arrival: fc.double({ min: 0, max: 1, noNaN: true }) })
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 6 }), fc.array(request, { maxLength: 60 }), (most, requests) => {
        const arrivals = sendAll(new WindowRate(most, 3000), requests).map(({ arrivedAt }) => arrivedAt)

        for (const begin of arrivals) {
          expect(arrivals.filter((at) => at >= begin && at < begin + 3000).length).toBeLessThanOrEqual(most)
        }
      }),
    )
  })

  it('keeps nobody waiting longer than the window asks', () => {
    const ways = sendAll(
      new WindowRate(3, 3000),
      Array.from({ length: 9 }, () => ({ takesMs: 100, arrival: 0.5 })),
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
