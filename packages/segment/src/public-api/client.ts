import { isJsonObject, own } from '@engage-sync/contract'
import type { Json, JsonObject } from '@engage-sync/contract'
import {
  required,
  getJson,
  safeCode,
  SourceAnswerError,
  SourceAuthError,
  SourceRequestError,
  SourceUnavailableError,
  systemClock,
} from '../remote/index.ts'
import type { Clock, HttpAnswer, RemotePlace } from '../remote/index.ts'
import type { PublicApi } from './model.ts'
import { askedWaitMs, usedUpMs } from './rate.ts'
import { readAudience, readComputedTrait, readFilter, readSpace, readSubscription } from './read.ts'
import { PUBLIC_API_PAGE_SIZE } from './limits.ts'

/** How to reach the Public API. */
export interface PublicApiOptions {
  /** Token of the workspace; reaches no message. */
  readonly token: string
  /** Default `us`. */
  readonly region?: 'us' | 'eu'
  /** Instead of the region's address. */
  readonly baseUrl?: string
  readonly clock?: Clock
  /** Tries of one request. Default 6. */
  readonly attempts?: number
  /** Milliseconds. Default 20,000. */
  readonly timeoutMs?: number
}

/** Where the Public API of a region is. */
export const PUBLIC_API_URLS = {
  us: 'https://api.segmentapis.com',
  eu: 'https://eu1.api.segmentapis.com',
} as const
const SERVICE = "Segment's Public API"
/**
 * Only the alpha models say cadence and size; endpoints without one are asked for their stable
 * form.
 */
const ACCEPT = {
  alpha: 'application/vnd.segment.alpha+json',
  stable: 'application/vnd.segment.v1+json',
} as const

interface Listing<T> {
  readonly path: string
  /** Member of `data` that holds the list. */
  readonly list: string
  readonly accept: keyof typeof ACCEPT
  readonly read: (object: JsonObject) => T | null
}

/**
 * A read-only client for Segment's Public API.
 *
 * Shape: whole lists, all pages; waits as its rate headers and 429 bodies say.
 *
 * @throws {SourceError} `SOURCE_OPTION` without a token; `SOURCE_AUTH`, `SOURCE_REQUEST`,
 *   `SOURCE_UNAVAILABLE`, `SOURCE_ANSWER`
 * @see https://docs.segmentapis.com
 */
export function createPublicApi(options: PublicApiOptions): PublicApi {
  const list = listReader(options)
  const space = (id: string): string => `/spaces/${encodeURIComponent(id)}`
  return {
    listSpaces: (signal) =>
      list({ path: '/spaces', list: 'spaces', accept: 'alpha', read: readSpace }, signal),
    listAudiences: (id, signal) =>
      list(
        { path: `${space(id)}/audiences`, list: 'audiences', accept: 'alpha', read: readAudience },
        signal,
      ),
    listComputedTraits: (id, signal) =>
      list(
        {
          path: `${space(id)}/computed-traits`,
          list: 'computedTraits',
          accept: 'alpha',
          read: readComputedTrait,
        },
        signal,
      ),
    listSubscriptions: (id, signal) =>
      list(
        {
          path: `/destinations/${encodeURIComponent(id)}/subscriptions`,
          list: 'subscriptions',
          accept: 'alpha',
          read: readSubscription,
        },
        signal,
      ),
    listFilters: (id, signal) =>
      list(
        {
          path: `/destination/${encodeURIComponent(id)}/filters`,
          list: 'filters',
          accept: 'stable',
          read: readFilter,
        },
        signal,
      ),
  }
}

function listReader(
  options: PublicApiOptions,
): <T>(listing: Listing<T>, signal: AbortSignal) => Promise<readonly T[]> {
  const token = required('token', options.token)
  const clock = options.clock ?? systemClock
  const base = (options.baseUrl ?? PUBLIC_API_URLS[options.region ?? 'us']).replace(/\/+$/u, '')
  /** When each endpoint may be asked again, by the clock's `elapsed`; its limits are its own. */
  const resumeAt = new Map<string, number>()
  return async ({ path, list, accept, read }, signal) => {
    const place: RemotePlace = { service: SERVICE, what: list }
    const headers = { authorization: `Bearer ${token}`, accept: ACCEPT[accept] }
    const policy = {
      clock,
      attempts: options.attempts,
      timeoutMs: options.timeoutMs,
      before: (stop: AbortSignal) => sleepUntil(resumeAt.get(list), clock, stop),
      after: (answer: HttpAnswer) => {
        const waitMs = usedUpMs(answer, clock.now())
        if (waitMs > 0) resumeAt.set(list, clock.elapsed() + waitMs)
        return askedWaitMs(answer, clock.now())
      },
    }
    const found = []
    for (let cursor: string | null = ''; cursor !== null;) {
      const query = new URLSearchParams({ 'pagination.count': String(PUBLIC_API_PAGE_SIZE) })
      if (cursor !== '') query.set('pagination.cursor', cursor)
      const data = readData(
        await getJson({ url: `${base}${path}?${query}`, headers, place }, policy, signal),
        place,
      )
      for (const entry of listOf(data, list, place)) {
        const item = isJsonObject(entry) ? read(entry) : null
        if (item !== null) found.push(item)
      }
      const next = nextCursor(data)
      // A cursor that does not move would never end.
      cursor = next === cursor ? null : next
    }
    return found
  }
}

async function sleepUntil(
  at: number | undefined,
  clock: Clock,
  signal: AbortSignal,
): Promise<void> {
  if (at === undefined) return
  const waitMs = at - clock.elapsed()
  if (waitMs > 0) await clock.sleep(waitMs, signal)
}

function readData(answer: HttpAnswer, place: RemotePlace): JsonObject {
  const { status, body } = answer
  if (status === 200) {
    const data = isJsonObject(body) ? own(body, 'data') : undefined
    if (isJsonObject(data)) return data
    throw new SourceAnswerError(place, 'an object `data`')
  }
  const type = errorType(body)
  const reason = `HTTP ${status}${type === '' ? '' : ` ${type}`}`
  if (status === 401 || status === 403) {
    throw new SourceAuthError(
      place,
      reason,
      'Check segment.public_api_token and segment.region; the token needs to read the space.',
    )
  }
  if (status === 408 || status === 429 || status >= 500)
    throw new SourceUnavailableError(place, reason, { status })
  const hint =
    status === 404
      ? 'Check segment.space_id (or the destination id) and segment.region.'
      : undefined
  throw new SourceRequestError(place, reason, { hint, status })
}

function listOf(data: JsonObject, list: string, place: RemotePlace): readonly Json[] {
  const entries = own(data, list)
  if (!Array.isArray(entries)) throw new SourceAnswerError(place, `a list \`data.${list}\``)
  return entries as readonly Json[]
}

function nextCursor(data: JsonObject): string | null {
  const pagination = own(data, 'pagination')
  const next = isJsonObject(pagination) ? own(pagination, 'next') : undefined
  return typeof next === 'string' && next !== '' ? next : null
}

function errorType(body: Json | undefined): string {
  const errors = isJsonObject(body) ? own(body, 'errors') : undefined
  const first: unknown = Array.isArray(errors) ? errors[0] : undefined
  return isJsonObject(first) ? safeCode(own(first, 'type')) : ''
}
