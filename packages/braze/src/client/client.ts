import { readBody } from '../answers/index.ts'
import type {
  BrazeAlias,
  BrazeExportedUser,
  CallResult,
  DeleteBody,
  ExportBody,
  IdentifyBody,
  MergeIdentifier,
  SegmentExportBody,
  TrackBody,
  TrackResult,
} from '../api/index.ts'
import { jsonBody } from './json-body.ts'
import type { CohortKeys } from '../cohorts/index.ts'
import { connect, disconnect } from '../exchange/index.ts'
import type { ConnectionOptions, Exchanger } from '../exchange/index.ts'
import { LIMITS } from '../limits.ts'
import { hasOperation } from '../packing/index.ts'
import { atMost, callBraze, resultOf } from './client-call.ts'
import type { CallOptions } from './client-call.ts'
import { catalogueCalls } from './catalogue-calls.ts'
import type { CatalogueCalls } from './catalogue-calls.ts'
import { cohortCalls } from './cohort-calls.ts'
import type { CohortCalls } from './cohort-calls.ts'
import { identityCalls } from './identity-calls.ts'
import type { IdentityCalls } from './identity-calls.ts'
import { requestCall } from './request.ts'
import type { RequestCall } from './request.ts'
import { subscriptionCalls } from './subscription-calls.ts'
import type { SubscriptionCalls } from './subscription-calls.ts'
import { trackAll } from './track-all.ts'
import type { TrackAllOptions, TrackAllResult, TrackItem } from './track-all.ts'

/** Options of `createBrazeClient`. */
export interface BrazeClientOptions extends ConnectionOptions {
  /** The caller's own partner name and keys, for the cohort calls. Default null. */
  readonly cohorts?: CohortKeys | null
}

/** Options of `track`. */
export interface TrackOptions extends CallOptions {
  /** `bulk` and `sync` are limited betas of Braze. Default `standard`. */
  readonly endpoint?: 'standard' | 'bulk' | 'sync'
  /**
   * Repeat the call after an unknown outcome. Default: unless it carries events, purchases, `inc`
   * or `add`.
   */
  readonly repeatable?: boolean
}

/**
 * Braze's REST calls for users, typed. Objects that Braze refuses are values (`refused`); a call
 * that fails throws.
 *
 * All methods retry and keep the rate as documented in the README, and throw `BrazeError`s.
 */
export interface BrazeClient
  extends IdentityCalls, SubscriptionCalls, CohortCalls, CatalogueCalls, RequestCall {
  track(body: TrackBody, options?: TrackOptions): Promise<TrackResult>
  /** Sends any number of objects, each with an outcome of its own. */
  trackAll<Item extends TrackItem>(
    items: Iterable<Item> | AsyncIterable<Item>,
    options?: TrackAllOptions<Item>,
  ): Promise<TrackAllResult>
  newAliases(
    aliases: readonly (BrazeAlias & { readonly external_id?: string })[],
    options?: CallOptions,
  ): Promise<CallResult>
  updateAliases(
    updates: readonly {
      readonly alias_label: string
      readonly old_alias_name: string
      readonly new_alias_name: string
    }[],
    options?: CallOptions,
  ): Promise<CallResult>
  identify(body: IdentifyBody, options?: CallOptions): Promise<CallResult>
  merge(
    updates: readonly {
      readonly identifier_to_merge: MergeIdentifier
      readonly identifier_to_keep: MergeIdentifier
    }[],
    options?: CallOptions,
  ): Promise<CallResult>
  /** `deleted`: how many Braze will delete. */
  delete(
    body: DeleteBody,
    options?: CallOptions,
  ): Promise<CallResult & { readonly deleted: number | null }>
  exportIds(
    body: ExportBody,
    options?: CallOptions,
  ): Promise<{
    readonly users: readonly BrazeExportedUser[]
    readonly invalidUserIds: readonly string[]
  }>
  /**
   * Has Braze write all users of a segment into an archive; `url` where it will be, null where the
   * account exports into storage of its own. The only way to compare a whole cohort or attribute:
   * `exportIds` takes 50 users at a time.
   */
  exportSegment(
    body: SegmentExportBody,
    options?: CallOptions,
  ): Promise<{ readonly objectPrefix: string | null; readonly url: string | null }>
  close(): Promise<void>
}

/**
 * What Braze takes at most; whether a contract counts its three arrays together, Braze alone knows.
 */
const TRACK = {
  standard: {
    path: '/users/track',
    group: 'track',
    objects: LIMITS.trackObjects,
    perArray: true,
    bytes: LIMITS.bodyBytes,
  },
  bulk: {
    path: '/users/track/bulk',
    group: 'bulk',
    objects: LIMITS.bulkObjects,
    perArray: false,
    bytes: LIMITS.bulkBodyBytes,
  },
  sync: {
    path: '/users/track/sync',
    group: 'sync',
    objects: LIMITS.syncObjects,
    perArray: false,
    bytes: LIMITS.bodyBytes,
  },
} as const

/**
 * A client of Braze's REST API, for programs that do their own packing.
 *
 * @throws {BrazeError} `BRAZE_ENDPOINT`, `BRAZE_OPTION`
 */
export function createBrazeClient(options: BrazeClientOptions): BrazeClient {
  const shared = connect(options)
  return {
    track: (body, trackOptions) => track(shared, body, trackOptions ?? {}),
    newAliases: (aliases, { signal } = {}) =>
      sendUsers(shared, {
        path: '/users/alias/new',
        list: { user_aliases: aliases },
        repeatable: true,
        signal,
      }),
    updateAliases: (updates, { signal } = {}) =>
      sendUsers(shared, {
        path: '/users/alias/update',
        list: { alias_updates: updates },
        repeatable: true,
        signal,
      }),
    identify: (body, { signal } = {}) =>
      sendUsers(shared, { path: '/users/identify', list: body, repeatable: false, signal }),
    merge: (updates, { signal } = {}) =>
      sendUsers(shared, {
        path: '/users/merge',
        list: { merge_updates: updates },
        repeatable: false,
        signal,
      }),
    trackAll: (items, options) => trackAll(shared, items, options ?? {}),
    ...usersCalls(shared),
    ...identityCalls(shared),
    ...subscriptionCalls(shared),
    ...requestCall(shared),
    ...cohortCalls(shared, options.cohorts ?? null),
    ...catalogueCalls(shared),
    close: () => disconnect(shared),
  }
}

async function track(
  shared: Exchanger,
  body: TrackBody,
  { endpoint = 'standard', repeatable, signal }: TrackOptions,
): Promise<TrackResult> {
  const { attributes = [], events = [], purchases = [] } = body
  const { path, group, objects, perArray, bytes: maxBytes } = TRACK[endpoint]
  const counts = [attributes.length, events.length, purchases.length]
  atMost(
    objects,
    perArray ? Math.max(...counts) : counts.reduce((sum, count) => sum + count),
    perArray ? 'objects in each array' : 'objects',
  )
  const bytes = jsonBody(body)
  atMost(maxBytes, bytes.length, 'bytes')
  const mayRepeat =
    repeatable ?? (events.length + purchases.length === 0 && !attributes.some(hasOperation))
  const answer = await callBraze(shared, {
    path,
    group,
    body: bytes,
    repeatable: mayRepeat,
    signal,
    objects: attributes.length + events.length + purchases.length,
  })
  const { processed } = readBody(answer.body)
  const taken = (array: string) => (answer.status < 300 ? processed(array) : 0)
  const { users } = answer.body as { users?: TrackResult['users'] }
  return {
    ...resultOf(answer),
    attributes: taken('attributes'),
    events: taken('events'),
    purchases: taken('purchases'),
    users: Array.isArray(users) ? users : [],
  }
}

interface UsersCall {
  readonly path: string
  readonly list: object
  readonly repeatable: boolean
  readonly signal: AbortSignal | undefined
}

async function sendUsers(
  shared: Exchanger,
  { path, list, repeatable, signal }: UsersCall,
): Promise<CallResult> {
  const count = Object.values(list).reduce(
    (sum: number, each: unknown) => sum + (Array.isArray(each) ? each.length : 0),
    0,
  )
  atMost(LIMITS.idsPerRequest, count, 'items')
  return resultOf(await callBraze(shared, { path, group: 'users', body: list, repeatable, signal }))
}

function usersCalls(
  shared: Exchanger,
): Pick<BrazeClient, 'delete' | 'exportIds' | 'exportSegment'> {
  return {
    async exportSegment(body, { signal } = {}) {
      // An export that is asked for twice is made twice, and Braze allows one of a segment at a
      // time.
      const call = { path: '/users/export/segment', group: 'default', repeatable: false } as const
      const { body: answer } = await callBraze(shared, { ...call, body, signal })
      const { object_prefix: prefix, url } = answer as Readonly<Record<string, unknown>>
      return {
        objectPrefix: typeof prefix === 'string' ? prefix : null,
        url: typeof url === 'string' ? url : null,
      }
    },
    async delete(body, { signal } = {}) {
      const users = Object.values(body).flat()
      atMost(LIMITS.idsPerRequest, users.length, 'users')
      const answer = await callBraze(shared, {
        path: '/users/delete',
        group: 'users',
        body,
        repeatable: true,
        needsMessage: false,
        signal,
      })
      const { deleted } = answer.body as { deleted?: unknown }
      return { ...resultOf(answer), deleted: typeof deleted === 'number' ? deleted : null }
    },
    async exportIds(body, { signal } = {}) {
      atMost(
        LIMITS.idsPerRequest,
        (body.external_ids?.length ?? 0) + (body.user_aliases?.length ?? 0),
        'users',
      )
      const answer = await callBraze(shared, {
        path: '/users/export/ids',
        group: 'export',
        body,
        repeatable: true,
        signal,
      })
      const { users, invalid_user_ids: invalid } = answer.body as {
        users?: BrazeExportedUser[]
        invalid_user_ids?: string[]
      }
      return { users: users ?? [], invalidUserIds: invalid ?? [] }
    },
  }
}
