/**
 * Numbers the simulator enforces. Bytes are UTF-8.
 *
 * @see https://www.braze.com/docs/api/api_limits/
 * @see https://www.braze.com/docs/api/objects_filters/user_attributes_object/
 */
export const LIMITS = {
  bodyBytes: 4_194_304,
  bulkBodyBytes: 2_097_152,
  bulkObjects: 1000,
  bulkObjectsPerProfile: 100,
  idsPerRequest: 50,
  cohortIds: 1000,
  externalIdBytes: 987,
  aliasBytes: 236,
  /** Characters of a string value, and of a key. */
  textLength: 255,
  imageUrlLength: 1024,
  arrayElements: 500,
  /** An object, an array of objects, or the properties of an event with nested data. */
  nestedBytes: 102_400,
  eventProperties: 256,
  deviceIdBytes: { least: 8, most: 255 },
  regexBytes: 10_000,
  /** Levels of a body; deeper ones would only test the stack. */
  depth: 200,
  /** Users an answer of `/subscription/user/status` shows. */
  subscriptionUsers: 100,
  segmentsPerPage: 100,
  /** Users a file of a segment's export holds. */
  usersPerFile: 5000,
  /** Days whose custom events an export shows. */
  exportedDays: 90,
  /** Days for which single events are kept; X-in-Y filters look back 30. */
  eventDays: 31,
} as const
