import { isJsonObject, own } from '@engage-sync/contract'
import type { Json, JsonObject } from '@engage-sync/contract'
import {
  getJson,
  required,
  SourceAnswerError,
  SourceRequestError,
  systemClock,
} from '../remote/index.ts'
import type { Clock, HttpPolicy, RemotePlace } from '../remote/index.ts'
import { readAnswer, readPage } from './answer.ts'
import type { Page } from './answer.ts'
import type {
  ProfileApi,
  ProfileEvent,
  ProfileExternalId,
  ProfileKey,
  ProfileTrait,
} from './model.ts'
import { createPacer } from './pacer.ts'
import type { Pacer } from './pacer.ts'
import {
  PROFILE_API_REQUESTS_PER_SECOND,
  PROFILE_EVENTS_LIMIT,
  PROFILE_EXTERNAL_IDS_LIMIT,
  PROFILE_INCLUDE_CHARACTERS,
  PROFILE_TRAITS_LIMIT,
} from './limits.ts'

/** How to reach the profiles of one space. */
export interface ProfileApiOptions {
  readonly spaceId: string
  /** Access token; reaches no message. */
  readonly token: string
  /** Default `us`. */
  readonly region?: 'us' | 'eu'
  /** Instead of the region's address, such as a proxy or a test server. */
  readonly baseUrl?: string
  /** Shared by all that talk to this space. Default: one of its own, 100 requests a second. */
  readonly pacer?: Pacer
  readonly clock?: Clock
  /** Tries of one request. Default 6. */
  readonly attempts?: number
  /** Milliseconds. Default 20,000. */
  readonly timeoutMs?: number
}

/** Where the profiles of a region are. */
export const PROFILE_API_URLS = {
  us: 'https://profiles.segment.com',
  eu: 'https://profiles.euw1.segment.com',
} as const
const SERVICE = "Segment's Profile API"
type Query = Readonly<Record<string, string>>
type PageReader = (
  asked: { readonly profile: ProfileKey; readonly route: string; readonly query: Query },
  signal: AbortSignal,
) => AsyncIterable<Page | null>

/**
 * A client for Segment's Profile API.
 *
 * Shape: four questions about one profile each; errors as in `readAnswer`. Identifiers are
 * lower-cased, as the API demands.
 *
 * @throws {SourceError} `SOURCE_OPTION` without a token or a space
 * @see https://www.twilio.com/docs/segment/unify/profile-api/
 */
export function createProfileApi(options: ProfileApiOptions): ProfileApi {
  const pages = pageReader(options)
  return {
    traits: (profile, query, signal) => readTraits(pages, { profile, query }, signal),
    externalIds: (profile, signal) => readExternalIds(pages, profile, signal),
    events: (profile, query, signal) => readEvents(pages, { profile, query }, signal),
    async metadata(profile, signal) {
      for await (const page of pages({ profile, route: 'metadata', query: {} }, signal)) {
        if (page === null) return null
        const metadata = own(page.body, 'metadata')
        if (!isJsonObject(metadata)) throw unreadable('metadata', '`metadata`')
        return {
          createdAt: textOf(metadata, 'created_at'),
          updatedAt: textOf(metadata, 'updated_at'),
          expiresAt: textOf(metadata, 'expires_at'),
        }
      }
      return null
    },
  }
}

function pageReader(options: ProfileApiOptions): PageReader {
  const clock = options.clock ?? systemClock
  const pacer = options.pacer ?? createPacer(PROFILE_API_REQUESTS_PER_SECOND, clock)
  const base = `${(options.baseUrl ?? PROFILE_API_URLS[options.region ?? 'us']).replace(/\/+$/u, '')}/v1/spaces/${encodeURIComponent(required('spaceId', options.spaceId))}`
  const token = required('token', options.token)
  const headers = {
    authorization: `Basic ${Buffer.from(`${token}:`).toString('base64')}`,
    accept: 'application/json',
  }
  const policy: HttpPolicy = {
    clock,
    attempts: options.attempts,
    timeoutMs: options.timeoutMs,
    before: (signal) => pacer.turn(signal),
    // A 429 concerns all who share the space, so all of them wait.
    onWait: (waitMs, answer) => (answer?.status === 429 ? pacer.pause(waitMs) : undefined),
  }
  return async function* pages({ profile, route, query }, signal) {
    const place: RemotePlace = { service: SERVICE, what: route }
    const path = `${base}/collections/users/profiles/${profilePath(profile, place)}/${route}`
    for (let next: string | null = ''; next !== null;) {
      const search = new URLSearchParams(next === '' ? query : { ...query, next })
      const answer = await getJson({ url: `${path}?${search}`, headers, place }, policy, signal)
      const body = readAnswer(answer, place)
      const page = body === null ? null : readPage(body)
      yield page
      // A cursor that does not move would never end.
      next = page === null || page.next === next ? null : page.next
    }
  }
}

function profilePath({ type, id }: ProfileKey, place: RemotePlace): string {
  if (id === '' || !id.isWellFormed())
    throw new SourceRequestError(place, 'the identifier is empty or no valid text', { status: 400 })
  return `${encodeURIComponent(type)}:${encodeURIComponent(id.toLowerCase())}`
}

async function readTraits(
  pages: PageReader,
  {
    profile,
    query,
  }: {
    readonly profile: ProfileKey
    readonly query: { readonly class?: string; readonly include?: readonly string[] }
  },
  signal: AbortSignal,
): Promise<ReadonlyMap<string, ProfileTrait> | null> {
  const traits = new Map<string, ProfileTrait>()
  for (const include of splitNames(query.include)) {
    const search = {
      limit: String(PROFILE_TRAITS_LIMIT),
      verbose: 'true',
      ...(query.class === undefined ? {} : { class: query.class }),
      ...(include === null ? {} : { include }),
    }
    for await (const page of pages({ profile, route: 'traits', query: search }, signal)) {
      if (page === null) return null
      addTraits(traits, page.body)
    }
  }
  return traits
}

/**
 * Names as the comma lists the API takes, each short enough for a URL; one null when everything is
 * wanted.
 */
function splitNames(names: readonly string[] | undefined): readonly (string | null)[] {
  // A comma inside a name would ask for other names: then ask for everything and let the caller
  // choose.
  if (names === undefined || names.some((name) => name.includes(','))) return [null]
  const lists: string[] = []
  for (const name of names) {
    const last = lists.at(-1)
    if (last === undefined || last.length + name.length > PROFILE_INCLUDE_CHARACTERS)
      lists.push(name)
    else lists[lists.length - 1] = `${last},${name}`
  }
  return lists
}

function addTraits(into: Map<string, ProfileTrait>, body: JsonObject): void {
  const traits = own(body, 'traits')
  if (!isJsonObject(traits)) throw unreadable('traits', '`traits`')
  for (const [name, entry] of Object.entries(traits)) {
    const isVerbose = isJsonObject(entry) && Object.hasOwn(entry, 'value')
    into.set(
      name,
      isVerbose
        ? { value: own(entry, 'value') ?? null, updatedAt: textOf(entry, 'updated_at') }
        : { value: entry, updatedAt: null },
    )
  }
}

async function readExternalIds(
  pages: PageReader,
  profile: ProfileKey,
  signal: AbortSignal,
): Promise<readonly ProfileExternalId[] | null> {
  const found: ProfileExternalId[] = []
  const query = { limit: String(PROFILE_EXTERNAL_IDS_LIMIT) }
  for await (const page of pages({ profile, route: 'external_ids', query }, signal)) {
    if (page === null) return null
    for (const entry of dataOf(page, 'external_ids')) {
      const [type, id] = [textOf(entry, 'type'), textOf(entry, 'id')]
      if (type !== null && id !== null)
        found.push({ type, id, createdAt: textOf(entry, 'created_at') })
    }
  }
  return found
}

async function* readEvents(
  pages: PageReader,
  {
    profile,
    query: { include, exclude, ...rest },
  }: {
    readonly profile: ProfileKey
    readonly query: {
      readonly include?: readonly string[]
      readonly exclude?: readonly string[]
      readonly start?: string
      readonly end?: string
      readonly sort?: string
    }
  },
  signal: AbortSignal,
): AsyncIterable<ProfileEvent> {
  const search = {
    limit: String(PROFILE_EVENTS_LIMIT),
    ...rest,
    ...(include === undefined ? {} : { include: include.join(',') }),
    ...(exclude === undefined ? {} : { exclude: exclude.join(',') }),
  }
  for await (const page of pages({ profile, route: 'events', query: search }, signal)) {
    if (page === null) return
    for (const entry of dataOf(page, 'events')) {
      yield {
        type: textOf(entry, 'type') ?? '',
        event: textOf(entry, 'event'),
        timestamp: textOf(entry, 'timestamp'),
        messageId: textOf(entry, 'message_id'),
        properties: own(entry, 'properties') ?? null,
      }
    }
  }
}

function dataOf(page: Page, route: string): readonly JsonObject[] {
  const data: Json | undefined = own(page.body, 'data')
  if (!Array.isArray(data)) throw unreadable(route, 'an array `data`')
  return (data as readonly Json[]).filter((entry) => isJsonObject(entry))
}

function textOf(object: JsonObject, key: string): string | null {
  const value = own(object, key)
  return typeof value === 'string' && value !== '' ? value : null
}

function unreadable(what: string, expected: string): SourceAnswerError {
  return new SourceAnswerError({ service: SERVICE, what }, expected)
}
