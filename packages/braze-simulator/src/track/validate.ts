import type { Json, JsonObject } from '@engage-sync/contract'
import type { RuleName, Rules, Settings } from '../options/index.ts'
import { CHOSEN_TYPES, LIMITS, TYPES } from '../specification/index.ts'
import type { RejectionType } from '../specification/index.ts'
import { bytesOf, characterCount, isObject, isText, jsonBytes, readDate } from '../values/index.ts'
import { subscriptionProblem } from './validate-subscriptions.ts'
import { tokenProblem } from './validate-tokens.ts'

/** One of the arrays of a track request. */
export type TrackArray = 'attributes' | 'events' | 'purchases'

/** What validation knows beside the object. */
export interface ValidationContext {
  readonly settings: Settings
  readonly rules: Rules
}

/** A check of one object: the rule it belongs to, and the rejection it makes. */
interface Check {
  readonly rule: RuleName
  readonly find: (object: JsonObject, context: ValidationContext) => RejectionType | string | null
}

const PRIMARY = ['external_id', 'user_alias', 'braze_id'] as const

const IDENTITY: readonly Check[] = [
  {
    rule: 'identifierRequired',
    find: (object) => (hasIdentifier(object) ? null : TYPES.identifierRequired),
  },
  {
    rule: 'onePrimaryIdentifier',
    find: (object) =>
      PRIMARY.filter((key) => isGiven(object[key])).length > 1
        ? CHOSEN_TYPES.primaryIdentifiers
        : null,
  },
  {
    rule: 'externalIdSize',
    find: ({ external_id: id }) =>
      typeof id === 'string' && bytesOf(id) > LIMITS.externalIdBytes ? TYPES.externalIdSize : null,
  },
  {
    rule: 'aliasShape',
    find: ({ user_alias: alias }) =>
      !isGiven(alias) || isAlias(alias) ? null : CHOSEN_TYPES.aliasInvalid,
  },
  {
    rule: 'blockedUser',
    find: ({ external_id: id }, { settings }) =>
      isText(id) && settings.blockedUsers.includes(id) ? TYPES.blockedUser : null,
  },
  {
    rule: 'emailFormat',
    find: ({ email }) => (!isGiven(email) || isEmail(email) ? null : TYPES.emailFormat),
  },
]

const CHECKS: { readonly [Name in TrackArray]: readonly Check[] } = {
  attributes: [
    ...IDENTITY,
    { rule: 'subscribeState', find: subscriptionProblem('states') },
    { rule: 'subscriptionGroups', find: subscriptionProblem('groups') },
    { rule: 'subscriptionGroupId', find: subscriptionProblem('ids') },
    {
      rule: 'location',
      find: ({ current_location: place }) =>
        !isGiven(place) || isLocation(place) ? null : TYPES.location,
    },
    {
      rule: 'emailInfo',
      find: (object) => (isGiven(object.email_subscription_info) ? TYPES.emailInfo : null),
    },
    {
      rule: 'pushTokenImport',
      find: (object) => (isImportValid(object) ? null : TYPES.pushImport),
    },
    { rule: 'pushTokens', find: tokenProblem },
  ],
  events: [
    ...IDENTITY,
    { rule: 'eventName', find: ({ name }) => (isText(name) ? null : CHOSEN_TYPES.nameRequired) },
    { rule: 'eventTime', find: timeProblem },
    {
      rule: 'propertyNames',
      find: ({ properties }) => (arePropertyNamesValid(properties) ? null : TYPES.properties),
    },
    {
      rule: 'propertySize',
      find: ({ properties }) => (isSizeValid(properties) ? null : TYPES.properties),
    },
  ],
  purchases: [
    ...IDENTITY,
    { rule: 'purchaseFields', find: purchaseProblem },
    { rule: 'eventTime', find: timeProblem },
    {
      rule: 'propertyNames',
      find: ({ properties }) => (arePropertyNamesValid(properties) ? null : TYPES.properties),
    },
  ],
}

/**
 * Why Braze would refuse an object of a track request; null when it would not.
 *
 * Shape: one member of `attributes`, `events` or `purchases` in; the `type` of its entry in
 * `errors` out, in the style that is set.
 *
 * @see https://www.braze.com/docs/api/endpoints/user_data/post_user_track/
 */
export function findProblem(
  object: Json,
  array: TrackArray,
  context: ValidationContext,
): string | null {
  if (!isObject(object)) return CHOSEN_TYPES.objectRequired
  for (const { rule, find } of CHECKS[array]) {
    const problem = context.rules[rule] ? find(object, context) : null
    if (problem !== null)
      return typeof problem === 'string' ? problem : problem[context.settings.errorStyle]
  }
  return null
}

/** Whether a text looks like an email address. */
export function isEmail(value: Json): boolean {
  return (
    typeof value === 'string' &&
    value.length <= 254 &&
    /^[^\s@<>(),;:"]+@[^\s@<>(),;:"]+\.[^\s@.<>(),;:"]{2,}$/.test(value)
  )
}

/** Whether an alias has a name and a label of allowed size. */
export function isAlias(value: Json): boolean {
  return (
    isObject(value) &&
    [value.alias_name, value.alias_label].every(
      (part) => isText(part) && bytesOf(part) <= LIMITS.aliasBytes,
    )
  )
}

function isGiven(value: Json | undefined): value is Json {
  return value !== undefined && value !== null
}

function hasIdentifier(object: JsonObject): boolean {
  if (object.push_token_import === true) return true
  const { external_id: id } = object
  return (
    isText(id) ||
    typeof id === 'number' ||
    [object.braze_id, object.user_alias, object.email, object.phone].some(isGiven)
  )
}

function isLocation(value: Json): boolean {
  return (
    isObject(value) && typeof value.longitude === 'number' && typeof value.latitude === 'number'
  )
}

function isImportValid(object: JsonObject): boolean {
  if (object.push_token_import !== true) return true
  const hasTokens = Array.isArray(object.push_tokens) && object.push_tokens.length > 0
  return hasTokens && !isGiven(object.external_id) && !isGiven(object.braze_id)
}

function timeProblem({ time }: JsonObject): string | null {
  if (!isGiven(time)) return CHOSEN_TYPES.timeRequired
  return typeof time === 'string' && readDate(time) !== null ? null : CHOSEN_TYPES.timeInvalid
}

function purchaseProblem(object: JsonObject): RejectionType | string | null {
  if (!isText(object.product_id)) return CHOSEN_TYPES.productRequired
  if (typeof object.currency !== 'string' || !/^[A-Z]{3}$/i.test(object.currency))
    return CHOSEN_TYPES.currencyInvalid
  if (typeof object.price !== 'number') return CHOSEN_TYPES.priceInvalid
  const { quantity } = object
  return !isGiven(quantity) ||
    (Number.isInteger(quantity) && (quantity as number) >= 1 && (quantity as number) <= 100)
    ? null
    : TYPES.quantity
}

function arePropertyNamesValid(properties: Json | undefined): boolean {
  if (!isGiven(properties)) return true
  if (!isObject(properties)) return false
  return Object.keys(properties).every(
    (key) =>
      key !== 'time' &&
      key !== 'event_name' &&
      key !== '' &&
      !key.startsWith('$') &&
      characterCount(key) <= LIMITS.textLength,
  )
}

function isSizeValid(properties: Json | undefined): boolean {
  if (!isObject(properties)) return true
  const isNested = Object.values(properties).some(
    (value) => typeof value === 'object' && value !== null,
  )
  return !isNested || jsonBytes(properties) <= LIMITS.nestedBytes
}
