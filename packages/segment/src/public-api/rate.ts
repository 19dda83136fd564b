import { isJsonObject, own } from '@engage-sync/contract'
import { HTTP_MAX_ASKED_WAIT_MS } from '../remote/index.ts'
import type { HttpAnswer } from '../remote/index.ts'

/**
 * How long the Public API asks to wait after an answer, milliseconds; null when it does not say.
 *
 * Shape: a 429 says it in its body (`errors[0].data.msBeforeNext`), else by its reset header.
 *
 * @see https://docs.segmentapis.com/tag/Rate-Limits
 */
export function askedWaitMs(answer: HttpAnswer, nowMs: number): number | null {
  if (answer.status !== 429) return null
  return msBeforeNext(answer) ?? msUntilReset(answer, nowMs)
}

/**
 * How long an endpoint is used up after an answer, milliseconds, five minutes at most; 0 when
 * requests remain.
 */
export function usedUpMs(answer: HttpAnswer, nowMs: number): number {
  if (answer.headers.get('x-ratelimit-remaining') !== '0') return 0
  return Math.min(msUntilReset(answer, nowMs) ?? 0, HTTP_MAX_ASKED_WAIT_MS)
}

function msBeforeNext({ body }: HttpAnswer): number | null {
  const errors = isJsonObject(body) ? own(body, 'errors') : undefined
  const first: unknown = Array.isArray(errors) ? errors[0] : undefined
  const data = isJsonObject(first) ? own(first, 'data') : undefined
  const wait = isJsonObject(data) ? own(data, 'msBeforeNext') : undefined
  return typeof wait === 'number' && wait >= 0 ? wait : null
}

/** The header is a date as in mail (RFC 5322), not a number of seconds. */
function msUntilReset({ headers }: HttpAnswer, nowMs: number): number | null {
  const at = Date.parse(headers.get('x-ratelimit-reset') ?? '')
  return Number.isNaN(at) ? null : Math.max(0, at - nowMs)
}
