/**
 * Numbers of Braze's REST API. Bytes are UTF-8.
 *
 * @see https://www.braze.com/docs/api/api_limits/
 * @see https://www.braze.com/docs/api/endpoints/user_data/post_user_track/
 * @see https://www.braze.com/docs/cohort_import/
 */
export const LIMITS = {
  /** Objects in one `/users/track` request: in all, or per array on legacy contracts. */
  trackObjects: 75,
  /** Objects in one `/users/track/bulk` request, and of one profile in it. */
  bulkObjects: 1000,
  bulkObjectsPerProfile: 100,
  /** Objects in one `/users/track/sync` request. */
  syncObjects: 1,
  /** Body of any request, and of a bulk one. */
  bodyBytes: 4_194_304,
  bulkBodyBytes: 2_097_152,
  /**
   * One event with nested properties. One attribute's 100 KB are kept before anything is packed; a
   * user's whole object has no limit but the body's.
   */
  eventBytes: 102_400,
  /** Ids of all kinds in one cohort request. */
  cohortIds: 1000,
  /** Pairs or ids in one identify, merge, alias, delete or export request. */
  idsPerRequest: 50,
  /** An external id, and each half of an alias. */
  externalIdBytes: 987,
  aliasBytes: 236,
} as const

/** Endpoints that share one rate limit at Braze. */
export type EndpointGroup =
  | TrackGroup
  | 'users'
  | 'export'
  | 'catalogue'
  | 'cohorts'
  | 'subscription'
  | 'migration'
  | 'default'

/** The endpoints that take attributes and events; each has a limit of its own. */
export type TrackGroup = 'track' | 'bulk' | 'sync'

/** How fast requests of a group may leave. */
export interface Rate {
  /** Above 0. */
  readonly requestsPerSecond: number
  /**
   * The window Braze counts in, seconds: so many seconds' worth may leave as they come, and no more
   * in any such window. Left out, requests are spaced evenly.
   */
  readonly windowSeconds?: number
}

/**
 * The rate of each group when nothing is configured. Braze's live headers narrow it.
 *
 * `track`: 3,000 in 3 s · `bulk`: 50 a second · `sync`: 500 a minute · `users`: 20,000 a minute
 * over alias, identify, merge and delete · `export`: 250 a minute (accounts before 2024-08-22:
 * 2,500), 40 a second where no `campaigns_received` or `canvases_received` is asked for, told by
 * the headers · `subscription`: 5,000 a minute, v2 included · `migration`: 1,000 a minute over
 * external_ids/rename and remove · `catalogue`: 1,000 an hour over events/list and
 * custom_attributes, told by the headers · `cohorts`, `default`: 250,000 an hour.
 *
 * @see https://www.braze.com/docs/api/api_limits/
 */
export const RATES: Readonly<Record<EndpointGroup, Rate>> = {
  track: { requestsPerSecond: 1000, windowSeconds: 3 },
  bulk: { requestsPerSecond: 50, windowSeconds: 1 },
  sync: { requestsPerSecond: 8.3 },
  users: { requestsPerSecond: 333 },
  export: { requestsPerSecond: 40 },
  catalogue: { requestsPerSecond: 5 },
  cohorts: { requestsPerSecond: 250 },
  subscription: { requestsPerSecond: 83 },
  migration: { requestsPerSecond: 16 },
  default: { requestsPerSecond: 250 },
}
