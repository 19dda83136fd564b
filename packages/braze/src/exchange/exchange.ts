import { isJsonObject } from '@engage-sync/contract'
import { BrazeAnswerError, BrazeError, BrazeAuthError, BrazeUnavailableError } from '../errors.ts'
import type { BrazeHooks, RequestTold } from '../hooks/index.ts'
import type { EndpointGroup } from '../limits.ts'
import { LimitFarError, MAX_ASKED_WAIT_MS, readRateWindow } from '../pace/index.ts'
import type { Pace } from '../pace/index.ts'
import { sleepFor } from '../time/index.ts'
import type { Clock } from '../time/index.ts'
import { MAX_ANSWER_BYTES, TransportError } from '../transport/index.ts'
import type { HttpMethod, Transport, TransportAnswer } from '../transport/index.ts'
import { backoff, judgeStatus } from './retry.ts'
import type { RetryPolicy } from './retry.ts'

/** One call to make, with how it may be repeated. */
export interface Call {
  readonly method: HttpMethod
  /** With its query, without the endpoint. */
  readonly path: string
  readonly body: Uint8Array | null
  readonly group: EndpointGroup
  /** False: after an unknown outcome the call is not repeated. */
  readonly repeatable: boolean
  readonly signal?: AbortSignal
  /** Whether the key travels in the header; cohort calls carry theirs in the body. Default true. */
  readonly authorised?: boolean
}

/** An answer worth reading: a success or a 400. */
export interface Answer {
  readonly kind: 'answer'
  readonly status: number
  readonly body: unknown
  readonly headers: TransportAnswer['headers']
  readonly tries: number
  readonly requestId: string | null
}

/** How a call ended: an answer, a body found too large (413), or an outcome nobody knows. */
export type Exchange =
  | Answer
  | { readonly kind: 'split'; readonly tries: number }
  | { readonly kind: 'unknown'; readonly reason: string; readonly tries: number }

/** The two ways to the network: requests that change many users are many, every other call is not. */
export interface Ways {
  readonly hot: Transport
  readonly calls: Transport
  /** Whether the client opened them, and closes them. */
  readonly isOurs: boolean
}

/** What every call of one client shares. */
export interface Exchanger {
  readonly ways: Ways
  readonly paces: Readonly<Record<EndpointGroup, Pace>>
  readonly endpoint: string
  /** The only place that knows the key. */
  readonly authorisation: () => string
  readonly userAgent: string
  readonly timeoutMs: number
  readonly policy: RetryPolicy
  readonly random: () => number
  readonly clock: Clock
  readonly hooks: BrazeHooks
  /** Whether Braze ever answered, and whether the client is closed. */
  readonly contact: { made: boolean; isClosed: boolean }
}

/**
 * Makes one call, with pace and retries. Every try waits for its turn, then asks `beforeRequest` whether it may leave.
 * What it throws says how many HTTP requests were made.
 *
 * @throws {BrazeError} `BRAZE_CLOSED`
 * @throws {BrazeAuthError} 401, 403
 * @throws {BrazeUnavailableError} the retry budget is spent
 * @throws {BrazeAnswerError} 404, 415, a redirect, an answer that is no JSON
 */
export async function exchange(shared: Exchanger, call: Call): Promise<Exchange> {
  if (shared.contact.isClosed)
    throw new BrazeError('BRAZE_CLOSED', `${pathOf(call)} was called after the client was closed`)
  const made: Made = { requests: 0 }
  try {
    return await untilAnswered(shared, call, made)
  } catch (error) {
    if (error instanceof BrazeError) error.requests = made.requests
    throw error
  }
}

/** HTTP requests of one call so far. */
interface Made {
  requests: number
}

async function untilAnswered(shared: Exchanger, call: Call, made: Made): Promise<Exchange> {
  const pace = shared.paces[call.group]
  let spentMs = 0
  for (let tries = 0; ; tries++) {
    await enter(pace, call)
    await mayLeave(shared, call, tries)
    made.requests++
    const sentAt = shared.clock.now()
    const step = await tryOnce(shared, call, tries)
    if ('done' in step) return step.done
    spentMs += shared.clock.now() - sentAt + step.waitMs
    const budgetMs = shared.contact.made
      ? shared.policy.budgetMs
      : Math.min(shared.policy.firstContactMs, shared.policy.budgetMs)
    const isFar = step.waitMs > Math.max(MAX_ASKED_WAIT_MS, shared.policy.maxMs)
    if (step.isLasting || isFar || spentMs > budgetMs)
      throw new BrazeUnavailableError(
        pathOf(call),
        `${step.reason}, ${timesOf(tries + 1)}`,
        step.status,
      )
    shared.hooks.onRetry?.({ ...toldOf(call, tries), reason: step.reason, waitMs: step.waitMs })
    if (step.status === 429) pace.pause(step.waitMs)
    else await sleepFor(shared.clock, step.waitMs, call.signal)
  }
}

/** Waits for its turn. */
async function enter(pace: Pace, call: Call): Promise<void> {
  try {
    await pace.enter(call.signal)
  } catch (error) {
    if (!(error instanceof LimitFarError)) throw error
    const reason = `its rate limit asks to wait ${Math.ceil(error.waitMs / 60_000)} minutes, longer than a run waits`
    throw new BrazeUnavailableError(pathOf(call), reason)
  }
}

/** Asks once more, now that its turn has come; a turn that is not taken is given back. */
async function mayLeave({ hooks, paces }: Exchanger, call: Call, tries: number): Promise<void> {
  if (hooks.beforeRequest === undefined) return
  try {
    await hooks.beforeRequest(toldOf(call, tries))
  } catch (error) {
    paces[call.group].leave()
    throw error
  }
}

function toldOf(call: Call, tries: number): RequestTold {
  return { method: call.method, path: pathOf(call), attempt: tries + 1 }
}

type Step =
  | { readonly done: Exchange }
  | {
      readonly waitMs: number
      readonly reason: string
      readonly status: number | null
      readonly isLasting?: boolean
    }

async function tryOnce(shared: Exchanger, call: Call, tries: number): Promise<Step> {
  const { clock, hooks, random, policy } = shared
  const told = toldOf(call, tries)
  hooks.onRequest?.(told)
  const sentAt = clock.now()
  const answer = await send(shared, call)
  shared.paces[call.group].leave(answer instanceof TransportError ? undefined : answer.headers)
  if (answer instanceof TransportError) return afterFailure(shared, call, { error: answer, tries })
  shared.contact.made = true
  const remaining = readRateWindow(answer.headers, clock.wallTime())?.remaining ?? null
  const { status } = answer
  hooks.onAnswer?.({
    ...told,
    status,
    ms: clock.now() - sentAt,
    requestId: requestIdOf(answer),
    remaining,
  })
  if (answer.status >= 200 && answer.status < 300) return { done: readAnswer(answer, call, tries) }
  const verdict = judgeStatus(answer.status, {
    headers: answer.headers,
    tries,
    nowMs: clock.wallTime(),
    random,
    policy,
  })
  if (verdict.action === 'retry')
    return { waitMs: verdict.waitMs, reason: `HTTP ${answer.status}`, status: answer.status }
  if (verdict.action === 'split') return { done: { kind: 'split', tries: tries + 1 } }
  if (verdict.action === 'auth')
    throw new BrazeAuthError(pathOf(call), answer.status, requestIdOf(answer))
  if (verdict.action === 'broken')
    throw new BrazeAnswerError(pathOf(call), {
      status: answer.status,
      what: 'which no valid request gets',
      requestId: requestIdOf(answer),
    })
  return { done: readAnswer(answer, call, tries) }
}

async function send(shared: Exchanger, call: Call): Promise<TransportAnswer | TransportError> {
  const headers: Record<string, string> = {
    'user-agent': shared.userAgent,
    accept: 'application/json',
  }
  if (call.body !== null) headers['content-type'] = 'application/json'
  if (call.authorised !== false) headers['authorization'] = shared.authorisation()
  try {
    return await wayOf(shared, call).send({
      method: call.method,
      url: shared.endpoint + call.path,
      headers,
      body: call.body,
      timeoutMs: shared.timeoutMs,
      ...(call.signal === undefined ? {} : { signal: call.signal }),
    })
  } catch (error) {
    return error instanceof TransportError ? error : new TransportError('unknown', 'UNKNOWN')
  }
}

const HOT_GROUPS: ReadonlySet<EndpointGroup> = new Set(['track', 'bulk', 'sync', 'cohorts'])

function wayOf({ ways }: Exchanger, { group }: Call): Transport {
  return HOT_GROUPS.has(group) ? ways.hot : ways.calls
}

const OVERSIZED = `more than ${MAX_ANSWER_BYTES / 1024 / 1024} MiB`

/** Certificates do not mend themselves within a run. */
const LASTING = /CERT|SIGNATURE|ISSUER/

function afterFailure(
  shared: Exchanger,
  call: Call,
  { error, tries }: { error: TransportError; tries: number },
): Step {
  if (error.kind === 'oversized')
    throw new BrazeAnswerError(pathOf(call), { status: null, what: OVERSIZED })
  const isUnknown = error.kind !== 'unsent'
  if (error.kind === 'aborted' || (isUnknown && !call.repeatable))
    return { done: { kind: 'unknown', reason: error.code, tries: tries + 1 } }
  const waitMs = backoff({ tries, random: shared.random, policy: shared.policy })
  return { waitMs, reason: error.code, status: null, isLasting: LASTING.test(error.code) }
}

function readAnswer(answer: TransportAnswer, call: Call, tries: number): Answer {
  const requestId = requestIdOf(answer)
  return {
    kind: 'answer',
    status: answer.status,
    body: readJson(answer, call),
    headers: answer.headers,
    tries: tries + 1,
    requestId,
  }
}

/**
 * An answer that is no JSON comes from something else than Braze: a proxy, a login page, the wrong host. So does a
 * success that is empty or no object, and it leaves the outcome open.
 */
function readJson(answer: TransportAnswer, call: Call): unknown {
  const { status, body } = answer
  const foreign = (what: string) =>
    new BrazeAnswerError(pathOf(call), { status, what, requestId: requestIdOf(answer) })
  const isSuccess = status < 300
  if (body.length === 0) {
    if (isSuccess) throw foreign('and an empty body')
    return {}
  }
  const parsed = parseJson(body)
  if (parsed === undefined) throw foreign('and a body that is no JSON')
  if (isSuccess && !isJsonObject(parsed)) throw foreign('and a body that is no JSON object')
  return parsed
}

function parseJson({ buffer, byteOffset, byteLength }: Uint8Array): unknown {
  try {
    return JSON.parse(Buffer.from(buffer, byteOffset, byteLength).toString('utf8')) as unknown
  } catch {
    return undefined
  }
}

function requestIdOf({ headers }: TransportAnswer): string | null {
  return headers['x-request-id'] ?? null
}

/** A query can hold a user's id, so errors and hooks name the path without it. */
export function pathOf({ path }: Pick<Call, 'path'>): string {
  const query = path.indexOf('?')
  return query < 0 ? path : path.slice(0, query)
}

function timesOf(count: number): string {
  return count === 1 ? 'once' : `${count} times`
}
