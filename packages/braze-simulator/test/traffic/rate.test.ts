import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { RateLimiter } from '../../src/traffic/rate.ts'
import { allRules } from '../../src/options/rules.ts'
import { defaultSettings } from '../../src/options/settings.ts'

const limiter = (limit: number, windowMs: number) =>
  new RateLimiter({ ...defaultSettings(), trackLimit: limit, trackWindowMs: windowMs }, allRules())

describe('RateLimiter', () => {
  it('lets exactly the limit through in every window of the clock, and says when the next begins', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 5 }),
        fc.constantFrom(1000, 3000),
        fc.array(fc.nat(900), { maxLength: 60 }),
        (limit, windowMs, gaps) => {
          const rate = limiter(limit, windowMs)
          const asked = new Map<number, number>()
          let now = 1_772_000_000_000
          for (const gap of gaps) {
            now += gap
            const window = Math.floor(now / windowMs)
            const before = asked.get(window) ?? 0
            asked.set(window, before + 1)
            const { isAllowed, headers } = rate.take('track', now)
            expect(isAllowed).toBe(before < limit)
            if (isAllowed) expect(headers['X-RateLimit-Remaining']).toBe(String(limit - before - 1))
            else
              expect(Number(headers['X-Ratelimit-Retry-After']) * 1000).toBeGreaterThanOrEqual(
                (window + 1) * windowMs - now,
              )
          }
        },
      ),
    )
  })

  it('has no limit, and no headers, at 0', () => {
    expect(limiter(0, 1000).take('track', 0)).toEqual({ isAllowed: true, headers: {} })
  })
})
