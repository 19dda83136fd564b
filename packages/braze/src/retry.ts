/** What to do after an exchange that was no success. */
export type Verdict =
  /** Try the same request again, after at least `waitMs`. */
  | { readonly action: 'retry'; readonly waitMs: number }
  /** Send its objects in smaller requests. */
  | { readonly action: 'split' }
  | { readonly action: 'auth' }
  | { readonly action: 'reject' }
  | { readonly action: 'broken' }

/** How long and how often a request is retried. */
export interface RetryPolicy {
  /** First wait of the exponential backoff, milliseconds. Default 500. */
  readonly baseMs: number
  /** Longest wait, milliseconds. Default 30,000. */
  readonly maxMs: number
  /** All tries of one request together, milliseconds. Default 300,000. */
  readonly budgetMs: number
}

export const DEFAULT_RETRY: RetryPolicy = { baseMs: 500, maxMs: 30_000, budgetMs: 300_000 }

/** Server errors that may pass. 501 is not one of them. */
const PASSING = new Set([408, 423, 500, 502, 503, 504])

/**
 * What an answer's status asks for.
 *
 * @see https://www.braze.com/docs/api/errors/
 */
export function judgeStatus(
  status: number,
  context: {
    readonly headers: Readonly<Record<string, string | undefined>>
    readonly tries: number
    readonly nowMs: number
    readonly random: () => number
    readonly policy: RetryPolicy
  },
): Verdict {
  if (status === 429) return { action: 'retry', waitMs: readRetryAfter(context.headers, context.nowMs) ?? backoff(context) }
  if (PASSING.has(status) || status > 504)
    return { action: 'retry', waitMs: Math.max(readRetryAfter(context.headers, context.nowMs) ?? 0, backoff(context)) }
  if (status === 401 || status === 403) return { action: 'auth' }
  if (status === 413) return { action: 'split' }
  if (status === 400) return { action: 'reject' }
  return { action: 'broken' }
}

/** Exponential backoff with full jitter: a random wait up to base × 2^tries, milliseconds. */
export function backoff({
  tries,
  random,
  policy,
}: {
  readonly tries: number
  readonly random: () => number
  readonly policy: RetryPolicy
}): number {
  return Math.floor(random() * Math.min(policy.maxMs, policy.baseMs * 2 ** tries))
}

/** Above this a reset is an instant in epoch seconds, below it a number of seconds. */
const EPOCH_FROM = 1_000_000_000

/**
 * How long Braze asks to wait, milliseconds; null when it does not say.
 *
 * Shape: `X-Ratelimit-Retry-After`, then `Retry-After` (seconds or an HTTP date), then `X-RateLimit-Reset` when nothing
 * is left (epoch or relative seconds).
 *
 * @see https://www.braze.com/docs/api/api_limits/
 */
export function readRetryAfter(headers: Readonly<Record<string, string | undefined>>, nowMs: number): number | null {
  const after = headers['x-ratelimit-retry-after'] || headers['retry-after']
  if (after !== undefined && after !== '') {
    const seconds = Number(after)
    const waitMs = Number.isFinite(seconds) ? seconds * 1000 : Date.parse(after) - nowMs
    if (Number.isFinite(waitMs)) return Math.max(0, waitMs)
  }
  return readReset(headers, nowMs)
}

/** When the rate window resets, milliseconds from now; null when the headers do not say. */
export function readReset(headers: Readonly<Record<string, string | undefined>>, nowMs: number): number | null {
  const text = headers['x-ratelimit-reset']
  if (text === undefined || text === '') return null
  const seconds = Number(text)
  if (!Number.isFinite(seconds)) return null
  return Math.max(0, seconds > EPOCH_FROM ? seconds * 1000 - nowMs : seconds * 1000)
}
