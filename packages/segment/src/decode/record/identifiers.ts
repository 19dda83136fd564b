import { isJsonObject, own } from '@engage-sync/contract'
import type { Identifiers, Json, JsonObject } from '@engage-sync/contract'

/** The parts of a call that can hold identifiers. */
export interface IdentifierParts {
  readonly record: JsonObject
  readonly context: JsonObject
}

const NOTHING: JsonObject = Object.freeze({})

/**
 * The identifiers of one call, from their different places.
 *
 * Shape: `userId` and `anonymousId` from the top, the email from `traits`, `context.traits` or
 * `properties`, external ids by Segment's names for them; the first of a type wins, each as `idOf`
 * gives it.
 *
 * @see https://www.twilio.com/docs/segment/unify/identity-resolution/externalids/
 */
export function readIdentifiers({ record, context }: IdentifierParts): Identifiers {
  const userId = idOf(own(record, 'userId'))
  const anonymousId = idOf(own(record, 'anonymousId'))
  const email =
    idOf(own(objectOf(record, 'traits'), 'email')) ??
    idOf(own(objectOf(context, 'traits'), 'email')) ??
    idOf(own(objectOf(record, 'properties'), 'email'))
  const externalIds = new ExternalIds()
  if (userId !== undefined) externalIds.set('user_id', userId)
  if (anonymousId !== undefined) externalIds.set('anonymous_id', anonymousId)
  if (email !== undefined) externalIds.set('email', email)
  addListed(externalIds, own(context, 'externalIds'))
  addDevice(externalIds, objectOf(context, 'device'))
  addOthers(externalIds, context)
  return { userId, anonymousId, email, externalIds }
}

/** Whether a record names anyone at all. */
export function hasIdentifier(identifiers: Identifiers): boolean {
  return (identifiers.externalIds?.size ?? 0) > 0
}

/** A member that is a usable text, or undefined. */
export function textOf(object: JsonObject, key: string): string | undefined {
  const value = own(object, key)
  return typeof value === 'string' && value !== '' && value.isWellFormed() ? value : undefined
}

/**
 * What a value is as an identifier, or undefined when it is none.
 *
 * Shape: a text without the white space around it, or the digits of a whole number, all of them. A
 * text of nothing that can be seen names nobody, nor does one that no UTF-8 can hold.
 */
export function idOf(value: unknown): string | undefined {
  if (typeof value === 'bigint' || Number.isSafeInteger(value)) return String(value)
  if (typeof value !== 'string' || !value.isWellFormed()) return undefined
  const id = value.trim()
  return id === '' || INVISIBLE.test(id) ? undefined : id
}

/** White space, and what takes no space at all: a zero-width space alone is no name. */
const INVISIBLE = /^[\s\p{Cf}]+$/u

/** A member that is an object, or an empty one. */
export function objectOf(object: JsonObject, key: string): JsonObject {
  const value = own(object, key)
  return isJsonObject(value) ? value : NOTHING
}

/** `context.externalIds`: those of users, in clear text. */
function addListed(into: Map<string, string>, listed: Json | undefined): void {
  if (!Array.isArray(listed)) return
  for (const entry of listed as readonly Json[]) {
    if (!isJsonObject(entry)) continue
    const [type, id] = [textOf(entry, 'type'), idOf(own(entry, 'id'))]
    const isUser = (own(entry, 'collection') ?? 'users') === 'users'
    const isPlain = (own(entry, 'encoding') ?? 'none') === 'none'
    if (type !== undefined && id !== undefined && isUser && isPlain) addFirst(into, type, id)
  }
}

function addDevice(into: Map<string, string>, device: JsonObject): void {
  const type = textOf(device, 'type')?.toLowerCase()
  if (type !== 'ios' && type !== 'android') return
  addFirst(into, `${type}.id`, idOf(own(device, 'id')))
  if (own(device, 'adTrackingEnabled') !== false)
    addFirst(into, `${type}.idfa`, idOf(own(device, 'advertisingId')))
  addFirst(into, `${type}.push_token`, idOf(own(device, 'token')))
}

function addOthers(into: Map<string, string>, context: JsonObject): void {
  addFirst(
    into,
    'ga_client_id',
    idOf(own(objectOf(objectOf(context, 'integrations'), 'Google Analytics'), 'clientId')),
  )
  addFirst(into, 'cross_domain_id', idOf(own(objectOf(context, 'traits'), 'crossDomainId')))
}

function addFirst(into: Map<string, string>, type: string, id: string | undefined): void {
  if (id !== undefined && !into.has(type)) into.set(type, id)
}

/** External ids by type: of a Map, JSON keeps nothing. */
class ExternalIds extends Map<string, string> {
  toJSON(): Readonly<Record<string, string>> {
    return Object.fromEntries(this)
  }
}
