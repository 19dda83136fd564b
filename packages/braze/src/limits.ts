/**
 * Numbers of Braze's REST API. Bytes are UTF-8.
 *
 * @see https://www.braze.com/docs/api/api_limits/
 * @see https://www.braze.com/docs/api/endpoints/user_data/post_user_track/
 */
export const LIMITS = {
  /** Objects in one `/users/track` request: in all, or per array on legacy contracts. */
  trackObjects: 75,
  /** Objects in one `/users/track/bulk` request, and of one profile in it. */
  bulkObjects: 1000,
  bulkObjectsPerProfile: 100,
  /** Body of any request, and of a bulk one. */
  bodyBytes: 4_194_304,
  bulkBodyBytes: 2_097_152,
  /** One object with nested data. */
  itemBytes: 102_400,
  /** Ids of all kinds in one cohort request. */
  cohortIds: 1000,
  /** Pairs or ids in one identify, merge, alias, delete or export request. */
  idsPerRequest: 50,
  /** Requests of data-point contracts: 3,000 in 3 seconds. */
  burstRequests: 3000,
  burstWindowMs: 3000,
  externalIdBytes: 987,
  aliasBytes: 236,
} as const
