import type { Json, JsonObject } from '@engage-sync/core'
import { drop } from '../applying.ts'
import type { Applying, Place } from '../applying.ts'
import { isObject, isText } from '../json.ts'
import type { Alias, User } from '../model/user.ts'

/**
 * The profile an object of a track request is for, made if need be; null when the object changes nothing.
 *
 * A primary identifier decides alone; email and phone find a profile only without one.
 *
 * @see https://www.braze.com/docs/api/endpoints/user_data/post_user_track/
 */
export function resolveUser(object: JsonObject, place: Place, applying: Applying): User | null {
  const { workspace } = applying
  const user = findOrCreate(object, place, applying)
  if (user !== null) user.touched = workspace.directory.nextTouch()
  return user
}

/** An external id as text; numbers are taken as their text. Null when there is none. */
export function externalIdOf(value: Json | undefined, isNumberAllowed: boolean): string | null {
  if (isText(value)) return value
  return typeof value === 'number' && isNumberAllowed ? String(value) : null
}

/** An alias of `{alias_name, alias_label}`; null when it is malformed. */
export function aliasOf(value: Json | undefined): Alias | null {
  if (!isObject(value) || !isText(value.alias_name) || !isText(value.alias_label)) return null
  return { label: value.alias_label, name: value.alias_name }
}

function findOrCreate(object: JsonObject, place: Place, applying: Applying): User | null {
  const { rules, workspace } = applying
  const { directory } = workspace
  const externalId = externalIdOf(object.external_id, rules.numericExternalId)
  if (externalId !== null) return byExternalId(externalId, object, place, applying)
  const alias = aliasOf(object.user_alias)
  if (alias !== null) return byAlias(alias, object, place, applying)
  if (isText(object.braze_id)) return directory.byBrazeId(object.braze_id) ?? unknown(place, applying)
  if (object.push_token_import === true) return directory.create({ device: JSON.stringify(object.push_tokens ?? null) })
  return byContact(object, place, applying)
}

function byExternalId(id: string, object: JsonObject, place: Place, applying: Applying): User | null {
  const { rules, workspace } = applying
  const known = workspace.directory.byExternalId(id)
  if (known !== undefined) return known
  if (isUpdateOnly(object, applying)) return unknown(place, applying)
  const holder = !rules.duplicateProfile && isText(object.email) ? workspace.directory.byEmail(object.email)[0] : undefined
  return holder ?? workspace.directory.create({ externalId: id })
}

function byAlias(alias: Alias, object: JsonObject, place: Place, applying: Applying): User | null {
  const { rules, workspace } = applying
  const known = workspace.directory.byAlias(alias)
  if (known !== undefined) return known
  const isCreated = rules.aliasUpdateOnly ? object._update_existing_only === false : !isUpdateOnly(object, applying)
  if (isCreated) return workspace.directory.create({ alias })
  drop(applying, place, 'unknown_alias')
  return null
}

function byContact(object: JsonObject, place: Place, applying: Applying): User | null {
  const { rules, workspace } = applying
  if (!rules.secondaryIdentifiers) return unknown(place, applying)
  const kind = isText(object.email) && (rules.emailWins || !isText(object.phone)) ? 'email' : 'phone'
  const value = String(object[kind])
  const found = kind === 'email' ? workspace.directory.byEmail(value) : workspace.directory.byPhone(value)
  if (found.length > 0) return mostRecent(found, applying)
  if (isUpdateOnly(object, applying) || !rules.createByContact) return unknown(place, applying)
  return workspace.directory.create(kind === 'email' ? { email: value } : { phone: value })
}

function mostRecent(users: readonly User[], { rules }: Applying): User {
  if (!rules.mostRecentProfile) return users[0]
  const identified = users.filter((user) => user.externalId !== null)
  return (identified.length > 0 ? identified : users).reduce((best, user) => (user.touched > best.touched ? user : best))
}

function isUpdateOnly(object: JsonObject, { rules }: Applying): boolean {
  return rules.updateOnly && object._update_existing_only === true
}

function unknown(place: Place, applying: Applying): null {
  drop(applying, place, 'unknown_user')
  return null
}
