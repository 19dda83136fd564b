import type { Rules, Settings } from '../options/index.ts'

/** Endpoints that share a limit. */
export type RateGroup =
  | 'track'
  | 'bulk'
  | 'sync'
  | 'users'
  | 'externalIds'
  | 'subscriptions'
  | 'export'
  | 'lists'
  | 'cohorts'
  | 'default'

/** The rate-limit headers of an answer, by name. */
export type RateHeaders = Readonly<Record<string, string>>

/** What the limiter says of a request. */
export interface RateVerdict {
  readonly isAllowed: boolean
  readonly headers: RateHeaders
}

interface Window {
  start: number
  used: number
}

/** Headers of an answer to a bad key: there, and empty. */
export const EMPTY_RATE_HEADERS: RateHeaders = {
  'X-RateLimit-Limit': '',
  'X-RateLimit-Remaining': '',
  'X-RateLimit-Reset': '',
}

/**
 * Counts requests in fixed windows.
 *
 * Windows start at multiples of their length since the epoch, so an hour's starts at the full hour.
 *
 * @see https://www.braze.com/docs/api/api_limits/
 */
export class RateLimiter {
  readonly #windows = new Map<RateGroup, Window>()
  readonly #settings: Settings
  readonly #rules: Rules

  constructor(settings: Settings, rules: Rules) {
    this.#settings = settings
    this.#rules = rules
  }

  /** Counts one request and says whether it is within the limit of its group. */
  take(asked: RateGroup, now: number): RateVerdict {
    const group = this.#rules.rateGroups ? asked : 'default'
    const limit = this.#settings[`${group}Limit`]
    const length = Math.max(1, this.#settings[`${group}WindowMs`])
    if (limit === 0) return { isAllowed: true, headers: {} }
    const window = this.#window(group, length, now)
    const resetAt = window.start + length
    if (window.used >= limit && this.#rules.rateLimit)
      return { isAllowed: false, headers: this.#refusal(resetAt - now) }
    window.used += 1
    if (!this.#rules.rateHeaders) return { isAllowed: true, headers: {} }
    const seconds =
      this.#settings.rateHeaders === 'epoch'
        ? Math.ceil(resetAt / 1000)
        : Math.ceil((resetAt - now) / 1000)
    return {
      isAllowed: true,
      headers: {
        'X-RateLimit-Limit': String(limit),
        'X-RateLimit-Remaining': String(Math.max(0, limit - window.used)),
        'X-RateLimit-Reset': String(seconds),
      },
    }
  }

  #window(group: RateGroup, length: number, now: number): Window {
    const known = this.#windows.get(group)
    if (known !== undefined && now < known.start + length && now >= known.start) return known
    const window = {
      start: this.#rules.rateWindows ? Math.floor(now / length) * length : now,
      used: 0,
    }
    this.#windows.set(group, window)
    return window
  }

  #refusal(waitMs: number): RateHeaders {
    return this.#rules.rateHeaders
      ? { 'X-Ratelimit-Retry-After': String(Math.max(1, Math.ceil(waitMs / 1000))) }
      : {}
  }
}
