import { createServer } from 'node:http'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { listen } from './listen.ts'
import type { Listening } from './listen.ts'

/** A profile as the fake keeps it. Times are ISO 8601. */
export interface FakeProfile {
  readonly traits?: Readonly<
    Record<
      string,
      {
        readonly value: unknown
        readonly class?: 'audience' | 'computed_trait'
        readonly updatedAt?: string
      }
    >
  >
  readonly externalIds?: readonly {
    readonly type: string
    readonly id: string
    readonly createdAt?: string
  }[]
  readonly events?: readonly Readonly<Record<string, unknown>>[]
}

/** An answer to give instead of the true one. */
export interface FakeFault {
  /** Status to answer with, or `hang up`. */
  readonly status: number | 'hang up'
  /** Body as text. Default: the API's error form for the status. */
  readonly body?: string
  readonly headers?: Readonly<Record<string, string>>
  /** How many requests it concerns. Default 1. */
  readonly times?: number
  /** Only requests whose URL contains this. */
  readonly when?: string
}

/** A fake of Segment's Profile API, on a port of its own. */
export interface FakeProfileApi extends Listening {
  /** Method-less request lines: path and query, as received. */
  readonly requests: string[]
  /** Profiles by `type:id`, lower-case. */
  readonly profiles: Map<string, FakeProfile>
  /** Answers the next matching requests with a fault. */
  fail(fault: FakeFault): void
  /** Forgets all faults. */
  recover(): void
}

/** What the fake accepts. */
export interface FakeProfileApiOptions {
  readonly spaceId?: string
  readonly token?: string
  /** Requests a second before 429. Default: no limit. */
  readonly requestsPerSecond?: number
}

const CODES: Readonly<Record<number, string>> = {
  400: 'invalid_request_error',
  401: 'authentication_error',
  404: 'not_found',
  422: 'validation_error',
  429: 'rate_limit_error',
}

interface State {
  readonly spaceId: string
  readonly authorization: string
  readonly profiles: Map<string, FakeProfile>
  readonly requests: string[]
  readonly faults: { fault: FakeFault; left: number }[]
  readonly isTooFast: () => boolean
}

/**
 * Start a fake Profile API: Basic auth, lower-case identifiers, limits, cursors, verbose traits,
 * error forms.
 *
 * @see https://www.twilio.com/docs/segment/unify/profile-api/
 */
export async function startFakeProfileApi(
  options: FakeProfileApiOptions = {},
): Promise<FakeProfileApi> {
  const state: State = {
    spaceId: options.spaceId ?? 'spa_test',
    authorization: `Basic ${Buffer.from(`${options.token ?? 'profile-token'}:`).toString('base64')}`,
    profiles: new Map(),
    requests: [],
    faults: [],
    isTooFast: rateLimit(options.requestsPerSecond ?? Number.POSITIVE_INFINITY),
  }
  const listening = await listen(
    createServer((request, response) => answer(state, request, response)),
  )
  return {
    ...listening,
    profiles: state.profiles,
    requests: state.requests,
    fail: (fault) => state.faults.push({ fault, left: fault.times ?? 1 }),
    recover: () => state.faults.splice(0),
  }
}

function rateLimit(perSecond: number): () => boolean {
  let second = 0
  let used = 0
  return () => {
    const now = Math.floor(Date.now() / 1000)
    used = now === second ? used + 1 : 1
    second = now
    return used > perSecond
  }
}

function answer(state: State, request: IncomingMessage, response: ServerResponse): void {
  const target = request.url ?? '/'
  state.requests.push(target)
  response.setHeader('Request-Id', `req-${state.requests.length}`)
  const pending = state.faults.find(
    ({ fault, left }) => left > 0 && target.includes(fault.when ?? ''),
  )
  if (pending !== undefined) {
    pending.left--
    return breakAnswer(response, pending.fault)
  }
  if (request.headers.authorization !== state.authorization) return refuse(response, 401)
  if (state.isTooFast()) return refuse(response, 429, { 'Retry-After': '1' })
  const url = new URL(target, 'http://fake')
  const path = /^\/v1\/spaces\/([^/]+)\/collections\/users\/profiles\/([^/]+)\/(\w+)$/u
  const [, spaceId = '', user = '', part = ''] = path.exec(url.pathname) ?? []
  if (decodeURIComponent(spaceId) !== state.spaceId) return refuse(response, 404)
  const profile = state.profiles.get(decodeURIComponent(user))
  if (profile === undefined) return refuse(response, 404)
  const body = ROUTES[part]?.(profile, url.searchParams)
  if (body === undefined) return refuse(response, 404)
  if (body === null) return refuse(response, 400)
  send(response, { status: 200, body: JSON.stringify(body) })
}

function breakAnswer(response: ServerResponse, { status, body, headers }: FakeFault): void {
  if (status === 'hang up') response.socket?.destroy()
  else if (body === undefined) refuse(response, status, headers)
  else send(response, { status, body, headers })
}

function refuse(
  response: ServerResponse,
  status: number,
  headers: Readonly<Record<string, string>> = {},
): void {
  const error = {
    code: CODES[status] ?? 'api_error',
    message: 'the fake refuses person@example.com',
  }
  send(response, { status, body: JSON.stringify({ error }), headers })
}

interface Sent {
  readonly status: number
  readonly body: string
  readonly headers?: Readonly<Record<string, string>>
}

function send(response: ServerResponse, { status, body, headers }: Sent): void {
  response.writeHead(status, { 'Content-Type': 'application/json', ...headers }).end(body)
}

/** The body of a route; null when the query is refused. */
type Route = (profile: FakeProfile, query: URLSearchParams) => object | null

const ROUTES: Readonly<Record<string, Route>> = {
  traits(profile, query) {
    const include = query.get('include')?.split(',')
    const wanted = query.get('class')
    const entries = Object.entries(profile.traits ?? {})
      .filter(([name]) => include === undefined || include.includes(name))
      .filter(([, trait]) => wanted === null || trait.class === wanted)
    const page = pageOf(entries, query, { standard: 10, most: 200 })
    if (page === null) return null
    const isVerbose = query.get('verbose') === 'true'
    const traits = page.items.map(([name, { value, updatedAt = '2026-01-05T10:00:00.000Z' }]) => {
      return [name, isVerbose ? { value, source_id: 'src_fake', updated_at: updatedAt } : value]
    })
    return { traits: Object.fromEntries(traits) as object, cursor: page.cursor }
  },
  external_ids(profile, query) {
    const page = pageOf(profile.externalIds ?? [], query, { standard: 10, most: 25 })
    if (page === null) return null
    const data = page.items.map(({ type, id, createdAt = '2026-01-01T00:00:00.000Z' }) => {
      return {
        source_id: 'src_fake',
        collection: 'users',
        id,
        type,
        created_at: createdAt,
        encoding: 'none',
      }
    })
    return { data, cursor: page.cursor }
  },
  events(profile, query) {
    const include = query.get('include')?.split(',')
    const exclude = query.get('exclude')?.split(',') ?? []
    const named = (profile.events ?? []).filter(
      ({ event }) => include?.includes(String(event)) ?? !exclude.includes(String(event)),
    )
    const page = pageOf(query.get('sort') === 'asc' ? named : named.toReversed(), query, {
      standard: 10,
      most: 100,
    })
    return page === null ? null : { data: page.items, cursor: page.cursor }
  },
  metadata: () => ({
    metadata: {
      created_at: '2026-01-01T00:00:00.000Z',
      updated_at: '2026-01-05T10:00:00.000Z',
      expires_at: null,
    },
  }),
}

function pageOf<T>(
  items: readonly T[],
  query: URLSearchParams,
  limits: { readonly standard: number; readonly most: number },
) {
  const limit = Number(query.get('limit') ?? limits.standard)
  const at = Number(Buffer.from(query.get('next') ?? '', 'base64url').toString() || '0')
  if (!Number.isInteger(limit) || limit < 1 || limit > limits.most || !Number.isInteger(at))
    return null
  const end = at + limit
  const hasMore = end < items.length
  return {
    items: items.slice(at, end),
    cursor: {
      url: '',
      has_more: hasMore,
      next: hasMore ? Buffer.from(String(end)).toString('base64url') : '',
      limit,
    },
  }
}
