import { BrazeAnswerError, BrazeAuthError, BrazeUnavailableError } from './errors.ts'
import type { Pace } from './pace.ts'
import { sleepFor } from './pace.ts'
import { backoff, judgeStatus } from './retry.ts'
import type { RetryPolicy } from './retry.ts'
import { TransportError } from './transport.ts'
import type { Transport, TransportAnswer } from './transport.ts'

/** One call to make, with how it may be repeated. */
export interface Call {
  readonly method: 'GET' | 'POST'
  readonly path: string
  readonly body: Uint8Array | null
  /** False: after an unknown outcome the call is not repeated. */
  readonly repeatable: boolean
  readonly signal?: AbortSignal
  /** Whether the key travels in the header; cohort calls carry theirs in the body. */
  readonly authorised?: boolean
}

/** How a call ended: an answer worth reading, or an outcome nobody knows. */
export type Exchange =
  | { readonly kind: 'answer'; readonly status: number; readonly body: unknown; readonly tries: number; readonly requestId: string | null }
  | { readonly kind: 'split'; readonly tries: number }
  | { readonly kind: 'unknown'; readonly reason: string; readonly tries: number }

/** What every call of one client shares. */
export interface Exchanger {
  readonly transport: Transport
  readonly pace: Pace
  readonly endpoint: string
  readonly apiKey: string
  readonly userAgent: string
  readonly timeoutMs: number
  readonly policy: RetryPolicy
  readonly random: () => number
  readonly now: () => number
}

/**
 * Makes one call, with pace and retries.
 *
 * @throws {BrazeAuthError} 401, 403 · {@link BrazeUnavailableError} when the retry budget is spent ·
 * {@link BrazeAnswerError} 404, 415, redirects, an answer that is no JSON
 */
export async function exchange(shared: Exchanger, call: Call): Promise<Exchange> {
  const startedAt = shared.now()
  for (let tries = 0; ; tries++) {
    await shared.pace.enter(call.signal)
    const step = await tryOnce(shared, call, tries)
    if ('done' in step) return step.done
    if (shared.now() - startedAt + step.waitMs > shared.policy.budgetMs)
      throw new BrazeUnavailableError(call.path, `${step.reason}, ${tries + 1} times`, step.status)
    if (step.isLimit) shared.pace.pause(step.waitMs)
    else await sleepFor(step.waitMs, call.signal)
  }
}

type Step =
  | { readonly done: Exchange }
  | { readonly waitMs: number; readonly reason: string; readonly status: number | null; readonly isLimit: boolean }

async function tryOnce(shared: Exchanger, call: Call, tries: number): Promise<Step> {
  const answer = await send(shared, call)
  if (answer instanceof TransportError) return afterFailure(shared, call, { error: answer, tries })
  shared.pace.learn(answer.headers)
  if (answer.status >= 200 && answer.status < 300)
    return {
      done: { kind: 'answer', status: answer.status, body: readJson(answer, call.path), tries: tries + 1, requestId: requestIdOf(answer) },
    }
  const { random, policy } = shared
  const verdict = judgeStatus(answer.status, { headers: answer.headers, tries, nowMs: shared.now(), random, policy })
  if (verdict.action === 'retry')
    return { waitMs: verdict.waitMs, reason: `HTTP ${answer.status}`, status: answer.status, isLimit: answer.status === 429 }
  if (verdict.action === 'split') return { done: { kind: 'split', tries: tries + 1 } }
  if (verdict.action === 'auth') throw new BrazeAuthError(call.path, answer.status, requestIdOf(answer))
  if (verdict.action === 'broken') throw new BrazeAnswerError(call.path, answer.status, 'not something it answers to a valid request')
  return {
    done: { kind: 'answer', status: answer.status, body: readJson(answer, call.path), tries: tries + 1, requestId: requestIdOf(answer) },
  }
}

async function send(shared: Exchanger, call: Call): Promise<TransportAnswer | TransportError> {
  const headers: Record<string, string> = { 'user-agent': shared.userAgent }
  if (call.body !== null) headers['content-type'] = 'application/json'
  if (call.authorised !== false) headers['authorization'] = `Bearer ${shared.apiKey}`
  try {
    return await shared.transport.send({
      method: call.method,
      url: shared.endpoint + call.path,
      headers,
      body: call.body,
      timeoutMs: shared.timeoutMs,
      ...(call.signal === undefined ? {} : { signal: call.signal }),
    })
  } catch (error) {
    if (error instanceof TransportError) return error
    throw error
  }
}

function afterFailure(shared: Exchanger, call: Call, { error, tries }: { error: TransportError; tries: number }): Step {
  const isUnknown = error.kind !== 'unsent'
  if (error.kind === 'aborted' || (isUnknown && !call.repeatable))
    return { done: { kind: 'unknown', reason: error.code, tries: tries + 1 } }
  return { waitMs: backoff({ tries, random: shared.random, policy: shared.policy }), reason: error.code, status: null, isLimit: false }
}

function readJson(answer: TransportAnswer, path: string): unknown {
  if (answer.body.length === 0) return {}
  try {
    return JSON.parse(Buffer.from(answer.body).toString('utf8')) as unknown
  } catch {
    throw new BrazeAnswerError(path, answer.status, 'the body is no JSON')
  }
}

function requestIdOf({ headers }: TransportAnswer): string | null {
  return headers['x-request-id'] ?? null
}
