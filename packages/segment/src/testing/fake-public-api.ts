import { createServer } from 'node:http'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { FakeFault } from './fake-profile-api.ts'
import { listen } from './listen.ts'
import type { Listening } from './listen.ts'

type Listed = Readonly<Record<string, unknown>>

/** What the fake workspace holds, as the API's own objects. */
export interface FakeWorkspace {
  readonly spaces?: readonly Listed[]
  readonly audiences?: readonly Listed[]
  readonly computedTraits?: readonly Listed[]
  readonly subscriptions?: readonly Listed[]
  readonly filters?: readonly Listed[]
}

/** A fake of Segment's Public API, on a port of its own. */
export interface FakePublicApi extends Listening {
  readonly requests: { readonly target: string; readonly accept: string }[]
  /** Replaces what the workspace holds. */
  hold(workspace: FakeWorkspace): void
  fail(fault: FakeFault): void
  /** Forgets all faults. */
  recover(): void
}

/** What the fake accepts. */
export interface FakePublicApiOptions {
  readonly token?: string
  /** Space of the audiences and computed traits. Default `spa_test`. */
  readonly spaceId?: string
  /** Destination of the subscriptions and filters. Default `dst_test`. */
  readonly destinationId?: string
}

interface State {
  readonly token: string
  readonly routes: ReadonlyMap<string, keyof FakeWorkspace>
  workspace: FakeWorkspace
  readonly requests: { target: string; accept: string }[]
  readonly faults: { fault: FakeFault; left: number }[]
}

const TYPES: Readonly<Record<number, string>> = {
  401: 'unauthorized',
  403: 'forbidden',
  404: 'not-found',
  422: 'validation-failure',
  429: 'rate-limit-exceeded',
}

/**
 * Start a fake Public API: bearer auth, versions by `Accept`, pages of 1 to 200, envelopes, rate
 * headers.
 *
 * @see https://docs.segmentapis.com
 */
export async function startFakePublicApi(
  options: FakePublicApiOptions = {},
): Promise<FakePublicApi> {
  const { token = 'public-token', spaceId = 'spa_test', destinationId = 'dst_test' } = options
  const routes = new Map<string, keyof FakeWorkspace>([
    ['/spaces', 'spaces'],
    [`/spaces/${spaceId}/audiences`, 'audiences'],
    [`/spaces/${spaceId}/computed-traits`, 'computedTraits'],
    [`/destinations/${destinationId}/subscriptions`, 'subscriptions'],
    [`/destination/${destinationId}/filters`, 'filters'],
  ])
  const state: State = { token, routes, workspace: {}, requests: [], faults: [] }
  const listening = await listen(
    createServer((request, response) => answer(state, request, response)),
  )
  return {
    ...listening,
    requests: state.requests,
    hold: (workspace) => (state.workspace = workspace),
    fail: (fault) => state.faults.push({ fault, left: fault.times ?? 1 }),
    recover: () => state.faults.splice(0),
  }
}

function answer(state: State, request: IncomingMessage, response: ServerResponse): void {
  const target = request.url ?? '/'
  const accept = request.headers.accept ?? ''
  state.requests.push({ target, accept })
  const pending = state.faults.find(
    ({ fault, left }) => left > 0 && target.includes(fault.when ?? ''),
  )
  if (pending !== undefined) {
    pending.left--
    const { status, body, headers } = pending.fault
    if (status === 'hang up') response.socket?.destroy()
    else if (body === undefined && status !== 200) refuse(response, status, headers)
    else if (body !== undefined) send(response, { status, body, headers })
    else send(response, { ...list(state, target), headers })
    return
  }
  if (request.headers.authorization !== `Bearer ${state.token}`) return refuse(response, 401)
  send(response, list(state, target))
}

/** A page of what the workspace holds at an address, or why there is none. */
function list(state: State, target: string): Sent {
  const url = new URL(target, 'http://fake')
  const name = state.routes.get(url.pathname)
  if (name === undefined) return refusal(404)
  const count = Number(url.searchParams.get('pagination.count') ?? 200)
  const cursor = url.searchParams.get('pagination.cursor') ?? Buffer.from('0').toString('base64url')
  const at = Number(Buffer.from(cursor, 'base64url').toString())
  if (!Number.isInteger(count) || count < 1 || count > 200 || !Number.isInteger(at))
    return refusal(422)
  const all = state.workspace[name] ?? []
  const next =
    at + count < all.length ? { next: Buffer.from(String(at + count)).toString('base64url') } : {}
  const data = {
    [name]: all.slice(at, at + count),
    pagination: { current: cursor, ...next, totalEntries: all.length },
  }
  return { status: 200, body: JSON.stringify({ data }) }
}

function refuse(
  response: ServerResponse,
  status: number,
  headers: Readonly<Record<string, string>> = {},
): void {
  send(response, { ...refusal(status), headers })
}

function refusal(status: number): Sent {
  const type = TYPES[status] ?? 'internal-error'
  const errors = [{ type, message: 'the fake refuses person@example.com' }]
  return { status, body: JSON.stringify({ errors }) }
}

interface Sent {
  readonly status: number
  readonly body: string
  readonly headers?: Readonly<Record<string, string>>
}

function send(response: ServerResponse, { status, body, headers }: Sent): void {
  response.writeHead(status, { 'Content-Type': 'application/json', ...headers }).end(body)
}
