import type { Json, JsonObject } from '@engage-sync/contract'
import { ENDPOINTS, answerCohorts } from '../endpoints/index.ts'
import type { Endpoint } from '../endpoints/index.ts'
import type { Engine } from '../engine/index.ts'
import type { Partner } from '../options/index.ts'
import { CHOSEN, LIMITS } from '../specification/index.ts'
import type { Answer } from '../specification/index.ts'
import { EMPTY_RATE_HEADERS } from '../traffic/index.ts'
import type { RateHeaders, RateLimiter } from '../traffic/index.ts'
import { decodePart, isObject, isWithinDepth } from '../values/index.ts'

/** A request with its body read. */
export interface IncomingRequest {
  readonly method: string
  readonly path: string
  readonly query: URLSearchParams
  /** Address it was sent to, without the question. */
  readonly url: string
  readonly authorization: string
  readonly contentType: string
  readonly userAgent: string | null
  /** Null when it is larger than any limit. */
  readonly body: Buffer | null
}

/** What the gate checks requests against. */
export interface GateContext {
  readonly engine: Engine
  readonly limiter: RateLimiter
  /** REST keys, with what each may do; null for everything. */
  readonly keys: ReadonlyMap<string, ReadonlySet<string> | null>
  readonly partners: ReadonlyMap<string, Partner>
}

/** Where a request goes. */
export interface Route {
  readonly endpoint: Endpoint | null
  /** Path without a trailing slash that is tolerated. */
  readonly path: string
}

/** A request that passed all checks, or the answer to one that did not. */
export type GateVerdict =
  | { readonly answer: Answer; readonly headers: RateHeaders }
  | { readonly endpoint: Endpoint; readonly headers: RateHeaders }

const PARTNER = /^\/partners\/([^/]+)\/cohorts(\/users)?$/

/** The endpoint of a path. Partner paths have one each, whatever the partner. */
export function routeOf(path: string, method: string, context: GateContext): Route {
  const { rules } = context.engine
  const clean =
    !rules.trailingSlash && path.length > 1 && path.endsWith('/') ? path.slice(0, -1) : path
  const partner = PARTNER.exec(clean)
  const endpoint = partner === null ? ENDPOINTS.get(clean) : cohortEndpoint(partner, context)
  return { endpoint: endpoint?.method === method ? endpoint : null, path: clean }
}

function cohortEndpoint(
  [, name = '', users]: RegExpExecArray,
  { engine, partners }: GateContext,
): Endpoint {
  const partner = partners.get(decodePart(name))
  const action = users === undefined ? 'create' : 'users'
  return {
    method: 'POST',
    permission: '',
    group: 'cohorts',
    handle: (body) => answerCohorts(action, body, { partner, engine }),
  }
}

/**
 * Checks key, rate, path, permission, content type and size, in Braze's order.
 *
 * @see https://www.braze.com/docs/api/errors/
 */
export function checkRequest(
  incoming: IncomingRequest,
  route: Route,
  context: GateContext,
): GateVerdict {
  const { engine, limiter } = context
  const isPartner = route.endpoint?.group === 'cohorts'
  const key = isPartner ? null : keyProblem(incoming, context)
  const emptyHeaders = engine.rules.emptyRateHeaders ? EMPTY_RATE_HEADERS : {}
  if (key !== null && engine.rules.apiKeyFirst) return { answer: key, headers: emptyHeaders }
  const verdict = limiter.take(route.endpoint?.group ?? 'default', engine.now())
  const { headers } = verdict
  if (!verdict.isAllowed) return { answer: CHOSEN.rateLimited, headers }
  const problem = isPartner
    ? formProblem(incoming, route, engine)
    : (permissionProblem(incoming, route, context) ?? formProblem(incoming, route, engine))
  if (problem !== null) return { answer: problem, headers }
  if (key !== null) return { answer: key, headers: emptyHeaders }
  return { endpoint: route.endpoint ?? ANYTHING, headers }
}

/** What answers an unknown path when the rule against them is off. */
const ANYTHING: Endpoint = {
  method: 'POST',
  permission: '',
  group: 'default',
  handle: () => ({ status: 200, body: { message: 'success' } }),
}

function keyProblem(
  { authorization }: IncomingRequest,
  { engine, keys }: GateContext,
): Answer | null {
  if (!engine.rules.apiKey) return null
  const key = /^Bearer (.*)$/i.exec(authorization)?.[1] ?? ''
  return keys.has(key) ? null : { status: 401, body: { message: `Invalid API key: ${key}` } }
}

function permissionProblem(
  { authorization }: IncomingRequest,
  { endpoint }: Route,
  { engine, keys }: GateContext,
): Answer | null {
  if (endpoint === null) return engine.rules.unknownPath ? CHOSEN.notFound : null
  const permissions = keys.get(authorization.slice('Bearer '.length)) ?? null
  if (permissions === null || permissions.has(endpoint.permission) || !engine.rules.permission)
    return null
  return { ...CHOSEN.accessDenied, status: Number(engine.settings.missingPermission) }
}

function formProblem(
  { method, contentType, body }: IncomingRequest,
  { path }: Route,
  { rules }: Engine,
): Answer | null {
  if (method !== 'POST') return null
  if (rules.contentType && !/^application\/json\s*(;|$)/i.test(contentType))
    return CHOSEN.unsupportedMediaType
  if (body === null || (rules.bodySize && body.length > LIMITS.bodyBytes)) return CHOSEN.tooLarge
  return path === '/users/track/bulk' && rules.bulkBodySize && body.length > LIMITS.bulkBodyBytes
    ? CHOSEN.tooLarge
    : null
}

/** The body as an object; null when it is none. */
export function parseBody({ method, body }: IncomingRequest, { rules }: Engine): JsonObject | null {
  if (method !== 'POST' || body === null) return {}
  try {
    const value = JSON.parse(body.toString('utf8')) as Json
    if (isObject(value) && isWithinDepth(value, LIMITS.depth)) return value
  } catch {
    // Answered by status, like any other text that is no object.
  }
  return rules.jsonSyntax ? null : {}
}
