import { randomUUID } from 'node:crypto'
import type { Json, JsonObject } from '@engage-sync/contract'
import { TRACK_ARRAYS } from '../endpoints/index.ts'
import type { Reply } from '../endpoints/index.ts'
import { withoutSecrets } from '../engine/index.ts'
import type { RequestRecord } from '../engine/index.ts'
import type { Work } from '../model/index.ts'
import { CHOSEN } from '../specification/index.ts'
import type { Fault, Faults } from '../traffic/index.ts'
import { isObject, listOf } from '../values/index.ts'
import { checkRequest, parseBody, routeOf } from './gate.ts'
import type { GateContext, GateVerdict, IncomingRequest, Route } from './gate.ts'

/** What decides about an answer. */
export interface AnswerContext extends GateContext {
  readonly faults: Faults
  /** Count without judging or keeping. */
  readonly isLean: boolean
}

/** What goes back over the wire, or how the connection ends instead. */
export type Outgoing =
  | {
      readonly status: number
      readonly headers: Readonly<Record<string, string>>
      readonly text: string
      readonly delayMs: number
      readonly isCut?: boolean
    }
  | { readonly end: 'timeout' | 'reset'; readonly delayMs: number }

/**
 * What goes back, and what to call once it is handed to the network: until then the request is
 * open.
 */
export interface Answered {
  readonly outgoing: Outgoing
  readonly close: () => void
}

/** Answers one request to Braze's own paths, and hands over what it asks to write. */
export function answer(incoming: IncomingRequest, context: AnswerContext): Answered {
  const { engine } = context
  const at = engine.now()
  engine.lastRun.note(at, () => engine.totals())
  const request = ++engine.lastRequest
  const route = routeOf(incoming.path, incoming.method, context)
  const verdict = checkRequest(incoming, route, context)
  const faults = 'endpoint' in verdict ? context.faults.strike(route.path) : []
  const { outgoing, body, errors } = serve({ incoming, verdict, faults, request }, context)
  const requestId = engine.rules.requestId ? randomUUID() : null
  const status = 'end' in outgoing ? 0 : outgoing.status
  engine.requests.count(route.path, status)
  engine.timeline.add(at, 'requests', 1)
  engine.timeline.add(
    at,
    'objects',
    TRACK_ARRAYS.reduce((sum, array) => sum + listOf(body, array).length, 0),
  )
  if (!context.isLean)
    keepRecord({ incoming, route, request, status, body, errors, faults, requestId }, context)
  engine.version += 1
  const isWatched = !context.isLean && engine.rules.openUsers
  const sent = faults.length === 0 ? body : (parseBody(incoming, engine) ?? {})
  const close = isWatched
    ? engine.open.open(request, sent, engine.workspace.directory)
    : () => undefined
  if (requestId === null || 'end' in outgoing) return { outgoing, close }
  return {
    outgoing: { ...outgoing, headers: { ...outgoing.headers, 'X-Request-Id': requestId } },
    close,
  }
}

interface Serving {
  readonly incoming: IncomingRequest
  readonly verdict: GateVerdict
  readonly faults: readonly Fault[]
  readonly request: number
}

interface Served {
  readonly outgoing: Outgoing
  readonly body: JsonObject
  readonly errors: number
}

function serve({ incoming, verdict, faults, request }: Serving, context: AnswerContext): Served {
  const { engine } = context
  const { headers } = verdict
  const delayMs = delayOf(faults, engine.settings.answerDelayMs)
  if ('answer' in verdict)
    return { outgoing: write(verdict.answer, headers, delayMs), body: {}, errors: 0 }
  const blow = faults.find(
    ({ kind }) => kind === 'status' || kind === 'timeout' || kind === 'reset',
  )
  if (blow !== undefined && blow.after_apply !== true)
    return { outgoing: strike(blow, headers, delayMs), body: {}, errors: 0 }
  const body = parseBody(incoming, engine)
  if (body === null)
    return { outgoing: write(CHOSEN.badRequest, headers, delayMs), body: {}, errors: 0 }
  const { query, url } = incoming
  const reply = context.isLean
    ? leanReply(body, context)
    : verdict.endpoint.handle(body, { engine, query, url, faults })
  if (reply.work !== undefined && !context.isLean)
    engine.accept(request, storable(reply.work), reply.afterWrite !== undefined)
  const answered = reply.afterWrite === undefined ? reply.body : reply.afterWrite()
  const errors = isObject(answered) ? listOf(answered, 'errors').length : 0
  if (blow !== undefined) return { outgoing: strike(blow, headers, delayMs), body, errors }
  const isCut = faults.some(({ kind }) => kind === 'cut')
  return {
    outgoing: {
      ...spoil(faults, {
        status: reply.status,
        body: answered,
        headers: { ...headers, ...reply.headers },
        delayMs,
      }),
      isCut,
    },
    body,
    errors,
  }
}

/** Work as it may be kept: some endpoints hand over their whole body. */
function storable(work: Work): Work {
  return 'body' in work ? { ...work, body: withoutSecrets(work.body) } : work
}

function delayOf(faults: readonly Fault[], answerDelayMs: number): number {
  return faults.reduce(
    (sum, fault) => sum + (fault.kind === 'slow' ? (fault.delay_ms ?? 1000) : 0),
    answerDelayMs,
  )
}

function strike(
  fault: Fault,
  headers: Readonly<Record<string, string>>,
  delayMs: number,
): Outgoing {
  if (fault.kind !== 'status') return { end: fault.kind === 'reset' ? 'reset' : 'timeout', delayMs }
  const { status = 503, message = STATUS_MESSAGES[status] ?? 'Error' } = fault
  const sent =
    status === 429 ? { 'X-Ratelimit-Retry-After': String(fault.retry_after ?? 1) } : headers
  return write({ status, body: { message } }, sent, delayMs)
}

const STATUS_MESSAGES: Readonly<Record<number, string>> = {
  423: 'Resource locked',
  429: CHOSEN.rateLimited.body.message,
  500: CHOSEN.serverError.body.message,
  502: 'Bad Gateway',
  503: 'Service Unavailable',
  504: 'Gateway Timeout',
}

function spoil(
  faults: readonly Fault[],
  {
    status,
    body,
    headers,
    delayMs,
  }: {
    readonly status: number
    readonly body: Json
    readonly headers: Readonly<Record<string, string>>
    readonly delayMs: number
  },
): Outgoing {
  if (faults.some(({ kind }) => kind === 'garbage'))
    return {
      status,
      headers: { ...headers, 'Content-Type': 'text/html' },
      text: '<html></html>',
      delayMs,
    }
  if (!faults.some(({ kind }) => kind === 'no_message') || !isObject(body))
    return write({ status, body }, headers, delayMs)
  const { message: _, ...rest } = body
  return write({ status, body: rest }, headers, delayMs)
}

function write(
  { status, body }: { readonly status: number; readonly body: Json },
  headers: Readonly<Record<string, string>>,
  delayMs: number,
): Outgoing {
  return { status, headers, text: JSON.stringify(body), delayMs }
}

/** Counts without judging or keeping: every object passes. */
function leanReply(body: JsonObject, { engine }: AnswerContext): Reply {
  const counts: Record<string, Json> = {}
  for (const array of TRACK_ARRAYS) {
    const { length } = listOf(body, array)
    if (length === 0) continue
    counts[`${array}_processed`] = length
    engine.requests.objects[array] += length
  }
  counts.message = 'success'
  return { status: 201, body: counts }
}

interface Finished {
  readonly incoming: IncomingRequest
  readonly route: Route
  readonly request: number
  readonly status: number
  readonly body: JsonObject
  readonly errors: number
  readonly faults: readonly Fault[]
  readonly requestId: string | null
}

function keepRecord(
  { incoming, route, request, status, body, errors, faults, requestId }: Finished,
  { engine }: AnswerContext,
): void {
  const count = (array: (typeof TRACK_ARRAYS)[number]) => listOf(body, array).length
  const [attributes, events, purchases] = [count('attributes'), count('events'), count('purchases')]
  const { objects } = engine.requests
  objects.attributes += attributes
  objects.events += events
  objects.purchases += purchases
  const record: RequestRecord = {
    request,
    at: engine.now(),
    method: incoming.method,
    path: route.path,
    status,
    attributes,
    events,
    purchases,
    errors,
    faults: faults.map(({ kind }) => kind),
    points: null,
    isApplied: false,
    userAgent: incoming.userAgent,
    requestId,
    body: engine.rules.redaction ? withoutSecrets(body) : body,
  }
  engine.requests.add(record, engine.settings.keepRequests)
}
