import type { Json } from '@engage-sync/contract'
import { drop } from '../model/index.ts'
import type { DropReason, ObjectPosition, User, WriteContext } from '../model/index.ts'
import { LIMITS } from '../specification/index.ts'
import { canonicalText, characterCount, isObject, isText, readDate } from '../values/index.ts'
import { isTimeZone, readCountry } from './places.ts'

/** A standard value as it is stored, or why it is not. */
type Read = { readonly value: Json; readonly note?: DropReason } | { readonly reason: DropReason }
type Reader = (value: Json, context: WriteContext) => Read

interface Standard {
  readonly points: 0 | 1
  readonly read: Reader
}

const text = limited(LIMITS.textLength)

/**
 * Standard attributes by name: what they cost, and how they are read. Exact names; any other
 * spelling is a custom attribute.
 *
 * @see https://www.braze.com/docs/api/objects_filters/user_attributes_object/
 * @see https://www.braze.com/docs/user_guide/data/infrastructure/data_points/
 */
const STANDARD: ReadonlyMap<string, Standard> = new Map<string, Standard>([
  ['email', { points: 1, read: keep }],
  ['phone', { points: 1, read: scalarText }],
  ['first_name', { points: 1, read: text }],
  ['last_name', { points: 1, read: text }],
  ['home_city', { points: 1, read: text }],
  ['dob', { points: 1, read: dateText }],
  ['gender', { points: 1, read: oneOf(['M', 'F', 'O', 'N', 'P']) }],
  ['country', { points: 1, read: countryCode }],
  ['language', { points: 1, read: languageCode }],
  ['time_zone', { points: 1, read: timeZone }],
  ['current_location', { points: 1, read: keep }],
  ['image_url', { points: 1, read: limited(LIMITS.imageUrlLength) }],
  ['email_subscribe', { points: 0, read: keep }],
  ['push_subscribe', { points: 0, read: keep }],
  ['subscription_groups', { points: 0, read: keep }],
  ['email_open_tracking_disabled', { points: 1, read: flag }],
  ['email_click_tracking_disabled', { points: 1, read: flag }],
  ['marked_email_as_spam_at', { points: 1, read: dateText }],
  ['date_of_first_session', { points: 1, read: dateText }],
  ['date_of_last_session', { points: 1, read: dateText }],
  ['push_tokens', { points: 0, read: keep }],
  ['facebook', { points: 1, read: keep }],
  ['twitter', { points: 1, read: keep }],
])

/** Whether a name is a standard attribute's. */
export function isStandard(name: string): boolean {
  return STANDARD.has(name)
}

/** Writes one standard attribute of a user, or says in the drop log why it did not. */
export function setStandard(
  { user, name, value }: { readonly user: User; readonly name: string; readonly value: Json },
  position: ObjectPosition,
  context: WriteContext,
): void {
  const { rules, workspace } = context
  const standard = STANDARD.get(name)
  if (standard === undefined) return
  const { points, read } = standard
  const next = value === null ? { value: null } : read(value, context)
  if ('reason' in next) {
    drop(context, { ...position, name }, next.reason)
    return
  }
  if (next.note !== undefined) drop(context, { ...position, name }, next.note)
  if (
    rules.pointsUnchanged ||
    canonicalText(user.standard.get(name) ?? null) !== canonicalText(next.value)
  )
    context.points.standard_attributes += rules.pointsFree ? points : 1
  if (name === 'email' || name === 'phone')
    workspace.directory.setContact(user, name, next.value as string | null)
  else if (name === 'push_tokens') addDevices(user, next.value, context)
  else if (next.value === null) user.standard.delete(name)
  else
    user.standard.set(
      name,
      name === 'subscription_groups'
        ? mergeGroups(user.standard.get(name), next.value)
        : next.value,
    )
}

function addDevices(user: User, tokens: Json, { workspace }: WriteContext): void {
  if (!Array.isArray(tokens)) return
  user.standard.set('push_tokens', tokens)
  for (const token of tokens)
    if (isObject(token) && isText(token.device_id))
      workspace.directory.addDevice(user, token.device_id)
}

function mergeGroups(old: Json | undefined, groups: Json): Json {
  const states = new Map<string, Json>()
  for (const group of [
    ...((old as readonly Json[] | undefined) ?? []),
    ...(groups as readonly Json[]),
  ])
    if (isObject(group)) states.set(String(group.subscription_group_id), group)
  return [...states.values()]
}

function keep(value: Json): Read {
  return { value }
}

function scalarText(value: Json): Read {
  return typeof value === 'string' || typeof value === 'number'
    ? { value: String(value) }
    : { reason: 'not_coercible' }
}

function limited(length: number): Reader {
  return (value, { rules }) => {
    const read = scalarText(value)
    return rules.stringLength && 'value' in read && characterCount(String(read.value)) > length
      ? { reason: 'string_too_long' }
      : read
  }
}

function dateText(value: Json): Read {
  return typeof value === 'string' && readDate(value) !== null
    ? { value }
    : { reason: 'not_coercible' }
}

function flag(value: Json): Read {
  return typeof value === 'boolean' ? { value } : { reason: 'not_coercible' }
}

function oneOf(values: readonly string[]): Reader {
  return (value) => (values.includes(String(value)) ? { value } : { reason: 'not_coercible' })
}

function languageCode(value: Json): Read {
  return typeof value === 'string' && /^[a-z]{2}$/i.test(value)
    ? { value: value.toLowerCase() }
    : { reason: 'not_coercible' }
}

function timeZone(value: Json, { rules }: WriteContext): Read {
  return !rules.timeZone || isTimeZone(value) ? { value } : { reason: 'invalid_time_zone' }
}

function countryCode(value: Json, { rules }: WriteContext): Read {
  const code = readCountry(value)
  if (code !== null) return { value: code }
  return rules.country ? { value: null, note: 'country_unmapped' } : { value }
}
