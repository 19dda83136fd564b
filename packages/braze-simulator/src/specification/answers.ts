import type { Json } from '@engage-sync/contract'

/** One answer, before the rate-limit headers. */
export interface Answer {
  readonly status: number
  readonly body: Json
}

/**
 * Answers no public source shows: the statuses are documented, the texts are ours. Correct them
 * here when proof turns up.
 *
 * @see https://www.braze.com/docs/api/errors/
 */
export const CHOSEN = {
  notFound: { status: 404, body: { message: 'Not Found' } },
  accessDenied: { status: 403, body: { message: 'Access Denied' } },
  unsupportedMediaType: { status: 415, body: { message: 'Unsupported Media Type' } },
  tooLarge: { status: 413, body: { message: 'Request Entity Too Large' } },
  badRequest: { status: 400, body: { message: 'Bad Request' } },
  tooManyObjects: { status: 400, body: { message: 'Max Input Length Exceeded' } },
  tooManyIds: { status: 400, body: { message: 'The max number of ids per request was exceeded' } },
  rateLimited: { status: 429, body: { message: 'Rate limited' } },
  fieldsRequired: { status: 400, body: { message: "'fields_to_export' is required" } },
  oneIdentifier: {
    status: 400,
    body: { message: 'Only one of device_id, braze_id, email_address and phone can be included' },
  },
  prioritizationRequired: { status: 400, body: { message: "'prioritization' is required" } },
  prioritizationInvalid: { status: 400, body: { message: "'prioritization' is not valid" } },
  segmentUnknown: { status: 400, body: { message: 'Invalid segment ID' } },
  subscriptionState: { status: 400, body: { message: 'Invalid subscription state' } },
  idsRequired: { status: 400, body: { message: 'No ids were given' } },
  partnerSuccess: { status: 201, body: { message: 'success' } },
  serverError: { status: 500, body: { message: 'Internal Server Error' } },
} as const satisfies Record<string, Answer>

/** Rejections of single objects whose text is ours; the same in both error styles. */
export const CHOSEN_TYPES = {
  primaryIdentifiers: 'MULTIPLE_PRIMARY_IDENTIFIERS',
  aliasInvalid: "'user_alias' is not valid",
  nameRequired: "'name' is required",
  timeRequired: "'time' is required",
  timeInvalid: "'time' is not valid",
  objectRequired: 'must be an object',
  productRequired: "'product_id' is required",
  currencyInvalid: "'currency' is not valid",
  priceInvalid: "'price' is not valid",
  prioritizationRequired: "'prioritization' is required",
  prioritizationInvalid: "'prioritization' is not valid",
} as const

/** Answers that documentation or recordings show word for word. */
export const DOCUMENTED = {
  noValidData: "Valid data must be provided in the 'attributes', 'events', or 'purchases' fields.",
  cohortId: { status: 400, body: { message: '`cohort_id` must be a valid string' } },
  cohortChanges: {
    status: 400,
    body: {
      message:
        '`cohort_changes` must be an array of objects each with key `user_ids` and/or `device_ids` mapping to an array of strings, or an `aliases` object',
    },
  },
  cohortIds: {
    status: 400,
    body: { message: 'Only 1,000 `user_ids`, `device_ids`, and `aliases` are allowed per request' },
  },
  cohortName: { status: 400, body: { message: '`name` must be a non-empty string' } },
  cohortCreatedAt: {
    status: 400,
    body: { message: '`created_at` must be a valid time as an ISO-8601 string' },
  },
  partnerKey: { status: 401, body: { message: 'Invalid Partner API key' } },
  clientSecret: { status: 401, body: { message: 'Invalid client secret' } },
  groupId: { status: 400, body: { message: 'Invalid subscription group ID' } },
  emailOrPhone: {
    status: 400,
    body: {
      message: 'Either an email address or a phone number should be provided, but not both.',
    },
  },
  locked: { status: 423, body: { message: 'Resource locked' } },
  mergeArray: { status: 400, body: { message: "'merge_updates' must be an array of objects" } },
  mergeCount: {
    status: 400,
    body: { message: 'a single request may not contain more than 50 merge updates' },
  },
  mergeIdentifiers: {
    status: 400,
    body: {
      message:
        "identifiers must be objects with an 'external_id' property that is a string, 'user_alias' property that is an object, 'email' property that is a string, or 'phone' property that is a string",
    },
  },
  mergeKeys: {
    status: 400,
    body: {
      message: "'merge_updates' must only have 'identifier_to_merge' and 'identifier_to_keep'",
    },
  },
} as const

/** Rejections of single objects: what live answers say, and the code of the documentation. */
export const TYPES = {
  identifierRequired: same(
    "'external_id', 'braze_id', 'user_alias', 'email' or 'phone' is required",
  ),
  externalIdSize: {
    text: "'external_id' must be fewer than 988 bytes",
    code: 'EXTERNAL_USER_ID_TOO_LARGE',
  },
  blockedUser: {
    text: 'provided external_id is blacklisted and disallowed',
    code: 'BLACKLISTED_EXTERNAL_USER_ID',
  },
  emailFormat: {
    text: "The value provided for the 'email' field is not a valid email.",
    code: 'EMAIL_BAD_FORMAT',
  },
  emailSubscribe: same('BAD_EMAIL_SUBSCRIPTION_STATE'),
  pushSubscribe: same('BAD_PUSH_SUBSCRIPTION_STATE'),
  location: same('BAD_LOCATION_UPDATE'),
  groupArray: same('BAD_SUBSCRIPTION_GROUP_ARRAY'),
  groupHash: same('BAD_SUBSCRIPTION_GROUP_HASH'),
  groupId: same('BAD_SUBSCRIPTION_GROUP_ID'),
  groupState: same('BAD_SUBSCRIPTION_GROUP_STATE'),
  pushImport: same('BAD_PUSH_TOKEN_IMPORT'),
  pushValue: same('BAD_PUSH_TOKEN_VALUE'),
  pushString: same('BAD_PUSH_TOKEN_STRING'),
  pushApp: same('BAD_PUSH_TOKEN_APP_ID'),
  deviceId: same('BAD_DEVICE_ID'),
  emailInfo: same('INVALID_ATTRIBUTE_EMAIL_SUBSCRIPTION_INFO'),
  properties: same("Invalid 'properties' field"),
  quantity: same("'quantity' is not valid"),
} as const satisfies Record<string, RejectionType>

/** How a rejection reads in the two error styles. */
export interface RejectionType {
  readonly text: string
  readonly code: string
}

function same(text: string): RejectionType {
  return { text, code: text }
}
