import type { Headers } from '../transport/index.ts'

/** What Braze's rate-limit headers say of the running window. */
export interface RateWindow {
  /** Requests left in it. */
  readonly remaining: number
  /** Until it ends, milliseconds. */
  readonly resetMs: number
}

/** Above this a reset is an instant in epoch seconds, below it a number of seconds. */
const EPOCH_FROM = 1_000_000_000

/**
 * The rate window, or null when the headers do not tell it (they are absent on 429 and empty on
 * 401).
 *
 * @see https://www.braze.com/docs/api/api_limits/
 */
export function readRateWindow(headers: Headers, nowMs: number): RateWindow | null {
  const remaining = numberOf(headers['x-ratelimit-remaining'])
  const resetMs = readReset(headers, nowMs)
  return remaining === null || resetMs === null ? null : { remaining, resetMs }
}

/**
 * How long Braze asks to wait, milliseconds; null when it does not say.
 *
 * Shape: `X-Ratelimit-Retry-After`, then `Retry-After` (seconds or an HTTP date), then
 * `X-RateLimit-Reset`.
 *
 * @see https://www.braze.com/docs/api/endpoints/user_data/post_user_track/
 */
export function readRetryAfter(headers: Headers, nowMs: number): number | null {
  const after = headers['x-ratelimit-retry-after'] || headers['retry-after']
  if (after !== undefined && after !== '') {
    const seconds = numberOf(after)
    const waitMs =
      seconds === null ? Date.parse(after) - serverTime(headers, nowMs) : seconds * 1000
    if (Number.isFinite(waitMs)) return Math.max(0, waitMs)
  }
  return readReset(headers, nowMs)
}

function readReset(headers: Headers, nowMs: number): number | null {
  const seconds = numberOf(headers['x-ratelimit-reset'])
  if (seconds === null) return null
  return Math.max(
    0,
    seconds > EPOCH_FROM ? seconds * 1000 - serverTime(headers, nowMs) : seconds * 1000,
  )
}

/**
 * Instants are Braze's, so they are measured against Braze's own clock where its answer tells it.
 */
function serverTime(headers: Headers, nowMs: number): number {
  const date = headers['date'] === undefined ? NaN : Date.parse(headers['date'])
  return Number.isNaN(date) ? nowMs : date
}

function numberOf(text: string | undefined): number | null {
  if (text === undefined || text.trim() === '') return null
  const number = Number(text)
  return Number.isFinite(number) ? number : null
}
