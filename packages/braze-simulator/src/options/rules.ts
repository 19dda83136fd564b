/**
 * One rule of Braze the simulator keeps: the point of the specification it belongs to, and what it
 * says.
 */
export interface Rule {
  /** Part of the API it belongs to. */
  readonly area:
    | 'http'
    | 'validation'
    | 'silent'
    | 'apply'
    | 'attributes'
    | 'events'
    | 'identity'
    | 'ledger'
    | 'users'
    | 'cohorts'
    | 'filters'
  readonly text: string
}

/**
 * Every rule by name. Each can be turned off, so that a test can show that something depends on it.
 */
export const RULES = {
  unknownPath: { area: 'http', text: 'an unknown path or method is answered 404' },
  trailingSlash: { area: 'http', text: 'a trailing slash is an unknown path' },
  apiKey: { area: 'http', text: 'a key that is unknown or absent is answered 401' },
  apiKeyFirst: { area: 'http', text: 'the key is checked before anything else' },
  emptyRateHeaders: { area: 'http', text: 'the rate-limit headers of a 401 are present and empty' },
  permission: { area: 'http', text: 'a key without the permission is refused' },
  contentType: { area: 'http', text: 'a content type that is not JSON is answered 415' },
  bodySize: { area: 'http', text: 'a body over 4 MB is answered 413' },
  bulkBodySize: { area: 'http', text: 'a bulk body over 2 MB is answered 413' },
  jsonSyntax: { area: 'http', text: 'a body that is no JSON object is answered 400' },
  rateLimit: { area: 'http', text: 'requests over the limit of a window are answered 429' },
  rateWindows: {
    area: 'http',
    text: 'windows start at multiples of their length, not at the first request',
  },
  rateHeaders: {
    area: 'http',
    text: 'answers carry limit, remaining and reset; a 429 only the time to wait',
  },
  rateGroups: { area: 'http', text: 'each group of endpoints has a limit of its own' },
  requestId: { area: 'http', text: 'every answer has an id, in x-request-id' },
  objectLimit: { area: 'validation', text: 'too many objects in a request: nothing is applied' },
  bulkObjectLimit: { area: 'validation', text: 'bulk takes 1,000 objects' },
  bulkProfileLimit: { area: 'validation', text: 'bulk takes 100 objects of one profile' },
  syncObjectLimit: { area: 'validation', text: 'sync takes one object' },
  allInvalid: { area: 'validation', text: 'no valid object at all is answered 400' },
  partialErrors: {
    area: 'validation',
    text: 'invalid objects among valid ones are listed, and the valid ones applied',
  },
  omitZeroCounts: {
    area: 'validation',
    text: 'counts of arrays without a valid object are left out',
  },
  answerOrder: {
    area: 'validation',
    text: 'counts come first in an answer, in the order attributes, events, purchases, then message',
  },
  identifierRequired: { area: 'validation', text: 'an object needs an identifier' },
  onePrimaryIdentifier: {
    area: 'validation',
    text: 'an object has at most one primary identifier',
  },
  externalIdSize: { area: 'validation', text: 'an external id has at most 987 bytes' },
  aliasShape: { area: 'validation', text: 'an alias has a name and a label of at most 236 bytes' },
  blockedUser: { area: 'validation', text: 'blocked users are refused' },
  emailFormat: { area: 'validation', text: 'an email address must look like one' },
  subscribeState: {
    area: 'validation',
    text: 'subscribe states are opted_in, subscribed or unsubscribed',
  },
  location: { area: 'validation', text: 'a location has longitude and latitude' },
  subscriptionGroups: { area: 'validation', text: 'subscription groups are well formed' },
  subscriptionGroupId: { area: 'validation', text: 'a subscription group id is a UUID' },
  subscriptionContacts: {
    area: 'validation',
    text: 'a subscription request takes emails or phones, not both',
  },
  pushTokens: { area: 'validation', text: 'push tokens are well formed' },
  pushTokenImport: {
    area: 'validation',
    text: 'a token import has tokens and neither external id nor Braze id',
  },
  emailInfo: { area: 'validation', text: 'email_subscription_info is refused' },
  eventName: { area: 'validation', text: 'an event has a name' },
  eventTime: { area: 'validation', text: 'an event has a time that can be read' },
  purchaseFields: { area: 'validation', text: 'a purchase has product, currency and price' },
  propertyNames: {
    area: 'validation',
    text: 'property names are not reserved, empty, $-led or too long',
  },
  propertySize: { area: 'validation', text: 'nested properties have at most 100 KB' },
  updateOnly: { area: 'silent', text: '_update_existing_only makes no profile' },
  aliasUpdateOnly: {
    area: 'silent',
    text: 'an unknown alias makes no profile unless _update_existing_only is false',
  },
  stringLength: { area: 'silent', text: 'strings over 255 characters are not stored' },
  nestedTime: { area: 'silent', text: 'a bad $time drops the nested attribute' },
  nestedKeys: {
    area: 'silent',
    text: 'nested keys have no dots, dollars or spaces, and at most 255 characters',
  },
  nestedSize: { area: 'silent', text: 'objects and arrays of objects over 100 KB are not stored' },
  coercion: { area: 'silent', text: 'what cannot become the type of its attribute is not stored' },
  timeZone: { area: 'silent', text: 'a time zone that does not exist is not set' },
  country: { area: 'silent', text: 'a country that cannot be mapped is stored as null' },
  names: {
    area: 'silent',
    text: 'attribute and event names that are empty, over 255 characters or begin with a dollar are not stored',
  },
  blocklist: { area: 'silent', text: 'blocked attributes and events are not stored' },
  dropLog: { area: 'silent', text: 'everything dropped in silence is in the drop log' },
  delayedApply: { area: 'apply', text: 'an answer precedes its write' },
  shuffle: { area: 'apply', text: 'requests overtake each other when shuffled' },
  arrayOrder: {
    area: 'apply',
    text: 'a request applies attributes, then events, then purchases, in array order',
  },
  openUsers: {
    area: 'apply',
    text: 'a user in two open requests at once is told: their order is not known',
  },
  trimNames: { area: 'attributes', text: 'attribute names lose spaces around them' },
  caseSensitiveNames: { area: 'attributes', text: 'attribute names differ by case' },
  standardNames: {
    area: 'attributes',
    text: 'standard names are stored beside the custom attributes',
  },
  nullDeletes: { area: 'attributes', text: 'null removes an attribute' },
  emptyStringKept: { area: 'attributes', text: 'an empty string is a value' },
  firstTypeFixed: { area: 'attributes', text: 'the first value fixes the type of an attribute' },
  coerceValues: { area: 'attributes', text: 'values are converted to the type where Braze can' },
  dateStrings: { area: 'attributes', text: 'a first value that looks like a date makes a time' },
  arraySet: { area: 'attributes', text: 'an array holds a value once' },
  arrayMoveToEnd: { area: 'attributes', text: 'a value that comes again moves to the end' },
  arrayLimit: { area: 'attributes', text: 'a full array loses its oldest values' },
  increment: { area: 'attributes', text: '{inc} adds to a number, from 0' },
  arrayAdd: { area: 'attributes', text: '{add} adds to an array' },
  arrayRemove: { area: 'attributes', text: '{remove} takes from an array' },
  objectAdd: { area: 'attributes', text: '{$add} appends objects' },
  objectRemove: { area: 'attributes', text: '{$remove} takes every object that matches' },
  objectUpdate: { area: 'attributes', text: '{$update} replaces the object that matches' },
  operatorOrder: {
    area: 'attributes',
    text: '$add, then $remove, then $update, however they are written',
  },
  mergeObjects: { area: 'attributes', text: '_merge_objects merges deeply' },
  overwriteObjects: { area: 'attributes', text: 'without it an object replaces the old one' },
  futureEvents: { area: 'events', text: 'an event of the future happened now' },
  repeatedEvents: { area: 'events', text: 'equal events count each' },
  eventSummary: { area: 'events', text: 'a profile has first, last and count of an event name' },
  eventDays: { area: 'events', text: 'single events are kept for 31 days' },
  propertyCount: { area: 'events', text: 'the first 256 properties are kept' },
  purchaseQuantity: { area: 'events', text: 'a quantity of n is n purchases' },
  syncProductId: { area: 'events', text: 'sync names a purchase by its product_id' },
  secondaryIdentifiers: {
    area: 'identity',
    text: 'email and phone find a profile when no primary identifier is there',
  },
  emailWins: { area: 'identity', text: 'email wins over phone' },
  mostRecentProfile: {
    area: 'identity',
    text: 'of several, the latest updated with an external id is taken',
  },
  createByContact: { area: 'identity', text: 'an unknown email or phone makes a profile' },
  duplicateProfile: {
    area: 'identity',
    text: 'an unknown external id with a known email makes a second profile',
  },
  numericExternalId: { area: 'identity', text: 'a number as external id is its text' },
  pointsUnchanged: { area: 'ledger', text: 'an unchanged value costs as a changed one' },
  pointsNull: { area: 'ledger', text: 'a null costs one' },
  pointsArrayAdd: { area: 'ledger', text: 'an array add costs one a value, a replacement one' },
  pointsObject: {
    area: 'ledger',
    text: 'an object costs one a leaf, an array of objects one a key of each',
  },
  pointsOperators: {
    area: 'ledger',
    text: '$update costs one a property, $remove one a criterion',
  },
  pointsFree: {
    area: 'ledger',
    text: 'identifiers, subscriptions and what is dropped cost nothing',
  },
  pointsEvent: {
    area: 'ledger',
    text: 'an event costs one, and one for each segmentable property',
  },
  pointsCohort: { area: 'ledger', text: 'a membership change costs one' },
  idsPerRequest: { area: 'users', text: 'fifty ids a request' },
  aliasUnique: { area: 'users', text: 'a pair of label and name is given once' },
  aliasOnePerLabel: { area: 'users', text: 'a user has one name of a label' },
  aliasUnknownUser: { area: 'users', text: 'an alias for an unknown external id is not added' },
  aliasOnly: { area: 'users', text: 'an alias without external id makes a profile' },
  aliasUpdate: { area: 'users', text: 'an alias can be renamed; an unknown one is not' },
  identifyAssign: { area: 'users', text: 'identify gives an aliased profile its external id' },
  identifyMerge: {
    area: 'users',
    text: 'identify merges into a known user and removes the anonymous profile',
  },
  identifySameLabel: { area: 'users', text: 'identify does not merge when the label is taken' },
  identifyPartial: { area: 'users', text: 'identify lists the entries it cannot read' },
  prioritization: {
    area: 'users',
    text: 'of several profiles prioritization decides; without a single winner nothing happens',
  },
  prioritizationRequired: {
    area: 'users',
    text: 'identify and merge by email or phone need prioritization',
  },
  prioritizationExclusive: {
    area: 'users',
    text: 'prioritization is identified or unidentified, not both',
  },
  mergeTarget: { area: 'users', text: 'in a merge the value that is kept wins' },
  mergeEvents: { area: 'users', text: 'a merge sums events, first is earlier, last is later' },
  mergeValidation: { area: 'users', text: 'merge refuses malformed requests with its own texts' },
  deleteUsers: { area: 'users', text: 'delete removes profiles' },
  deleteOneKind: { area: 'users', text: 'delete takes one kind of identifier' },
  deletePrioritization: { area: 'users', text: 'delete by email or phone needs prioritization' },
  renameDeprecates: {
    area: 'users',
    text: 'a renamed external id still finds its user until it is removed',
  },
  renameChecks: { area: 'users', text: 'a rename needs a primary id, and one that is free' },
  removeDeprecated: { area: 'users', text: 'only deprecated external ids can be removed' },
  subscriptionShared: {
    area: 'users',
    text: 'a subscription state goes to everybody who shares the email or phone',
  },
  exportOmitsEmpty: { area: 'users', text: 'an export leaves empty fields out' },
  exportInvalidIds: { area: 'users', text: 'an export lists unknown ids' },
  exportFields: {
    area: 'users',
    text: 'an export gives the fields that were asked for; new accounts must ask',
  },
  exportOneIdentifier: {
    area: 'users',
    text: 'an export takes one of device_id, braze_id, email_address and phone',
  },
  exportEventDays: { area: 'users', text: 'an export shows custom events of the last 90 days' },
  exportComputed: {
    area: 'users',
    text: 'an export gives created_at, random_bucket and total_revenue when asked',
  },
  segmentFields: { area: 'users', text: 'an export of a segment says which fields' },
  listCursor: {
    area: 'users',
    text: 'attributes are listed by cursor, with a link to the next page',
  },
  partnerKey: { area: 'cohorts', text: 'the partner key is checked' },
  clientSecret: { area: 'cohorts', text: 'the client secret is checked' },
  partnerEnabled: { area: 'cohorts', text: 'the partner must be enabled' },
  cohortCheckOrder: { area: 'cohorts', text: 'keys are checked before fields' },
  cohortFields: { area: 'cohorts', text: 'a cohort has id, name and time' },
  cohortRename: { area: 'cohorts', text: 'the same id with another name is a rename' },
  cohortChanges: { area: 'cohorts', text: 'changes are well formed' },
  cohortIds: { area: 'cohorts', text: '1,000 ids a request, over all kinds' },
  cohortExisting: { area: 'cohorts', text: 'only existing users become members' },
  cohortDevices: { area: 'cohorts', text: 'device ids reach anonymous users only' },
  cohortUnknown: { area: 'cohorts', text: 'changes for an unknown cohort make it, without a name' },
  cohortOrder: { area: 'cohorts', text: 'changes apply in array order' },
  cohortLock: {
    area: 'cohorts',
    text: 'overlapping requests for a cohort are answered 423 when the switch is on',
  },
  filterTyped: { area: 'filters', text: 'filters see values of the type of the attribute alone' },
  filterZero: { area: 'filters', text: 'exactly 0 and less than match users without a value' },
  filterRegexCase: { area: 'filters', text: 'patterns ignore case' },
  filterRegexAnchors: { area: 'filters', text: 'patterns match anywhere' },
  filterRegexSize: { area: 'filters', text: 'patterns have at most 10,000 bytes' },
  filterNotRegexBlank: { area: 'filters', text: 'does-not-match leaves out users without a value' },
  filterBlank: { area: 'filters', text: 'an empty string is blank' },
  filterUtcDays: { area: 'filters', text: 'X in Y counts whole UTC days' },
  redaction: { area: 'http', text: 'secrets appear in no log and no inspection' },
} as const satisfies Record<string, Rule>

/** Name of a rule. */
export type RuleName = keyof typeof RULES

/** Which rules hold. */
export type Rules = Record<RuleName, boolean>

/** Names of all rules. */
export const RULE_NAMES = Object.keys(RULES) as readonly RuleName[]

/** All rules on. */
export function allRules(): Rules {
  return Object.fromEntries(RULE_NAMES.map((name) => [name, true])) as Rules
}
