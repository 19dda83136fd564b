import { readRetryAfter } from '../pace/index.ts'
import type { Headers } from '../transport/index.ts'

/** What to do after an answer that was no success. */
export type Verdict =
  /** Try the same request again, after at least `waitMs`. */
  | { readonly action: 'retry'; readonly waitMs: number }
  /** Send its objects in smaller requests. */
  | { readonly action: 'split' }
  | { readonly action: 'auth' }
  | { readonly action: 'reject' }
  | { readonly action: 'broken' }

/**
 * How long and how often a request is retried. Waiting for one's turn under the rate limit does not
 * count.
 */
export interface RetryPolicy {
  /** First wait of the exponential backoff, milliseconds. Default 500. */
  readonly baseMs: number
  /** Longest wait of the backoff, milliseconds. Default 30,000. */
  readonly maxMs: number
  /** All tries and waits of one request together, milliseconds. Default 300,000. */
  readonly budgetMs: number
  /**
   * The same, while Braze has never answered this client: a wrong endpoint should not take minutes
   * to tell. Default 30,000.
   */
  readonly firstContactMs: number
}

export const DEFAULT_RETRY: RetryPolicy = {
  baseMs: 500,
  maxMs: 30_000,
  budgetMs: 300_000,
  firstContactMs: 30_000,
}

/**
 * Answers that may be another the next time: timed out, cohort locked, server errors. 501 is not
 * one of them.
 */
const PASSING = new Set([408, 423, 500, 502, 503, 504])

/** What a verdict is judged by. */
export interface RetryContext {
  readonly headers: Headers
  /** Tries before this one. */
  readonly tries: number
  readonly nowMs: number
  /** From 0 up to, not including, 1. */
  readonly random: () => number
  readonly policy: RetryPolicy
}

/**
 * What an answer's status asks for.
 *
 * @see https://www.braze.com/docs/api/errors/
 */
export function judgeStatus(status: number, context: RetryContext): Verdict {
  if (status === 429) {
    // Who asks for no wait at all, in answer after answer, is not to be asked without end.
    const askedMs = readRetryAfter(context.headers, context.nowMs) ?? 0
    return { action: 'retry', waitMs: Math.max(askedMs, backoff(context)) }
  }
  if (PASSING.has(status) || status > 504)
    return { action: 'retry', waitMs: Math.max(waitBeforeServer(context), backoff(context)) }
  if (status === 401 || status === 403) return { action: 'auth' }
  if (status === 413) return { action: 'split' }
  if (status === 400) return { action: 'reject' }
  return { action: 'broken' }
}

/** A server error's own `Retry-After`; its rate window says nothing about when it will be well. */
function waitBeforeServer({ headers, nowMs }: RetryContext): number {
  return (
    readRetryAfter({ 'retry-after': headers['retry-after'], date: headers['date'] }, nowMs) ?? 0
  )
}

/** Exponential backoff with full jitter: a random wait up to base × 2^tries, milliseconds. */
export function backoff({
  tries,
  random,
  policy,
}: Pick<RetryContext, 'tries' | 'random' | 'policy'>): number {
  return Math.floor(random() * Math.min(policy.maxMs, policy.baseMs * 2 ** tries))
}
