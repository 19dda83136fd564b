import type { JsonObject } from '@engage-sync/contract'
import { drop } from '../model/index.ts'
import type { Alias, ObjectPosition, User, WriteContext } from '../model/index.ts'
import { isText } from '../values/index.ts'
import { aliasOf, externalIdOf } from './identifiers.ts'

/**
 * The profile an object of a track request is for, made if need be; null when the object changes
 * nothing.
 *
 * A primary identifier decides alone; email and phone find a profile only without one.
 *
 * @see https://www.braze.com/docs/api/endpoints/user_data/post_user_track/
 */
export function resolveUser(
  object: JsonObject,
  position: ObjectPosition,
  context: WriteContext,
): User | null {
  const { workspace } = context
  const user = findOrCreate(object, position, context)
  if (user !== null) user.touched = workspace.directory.nextTouch()
  return user
}

function findOrCreate(
  object: JsonObject,
  position: ObjectPosition,
  context: WriteContext,
): User | null {
  const { rules, workspace } = context
  const { directory } = workspace
  const externalId = externalIdOf(object.external_id, rules.numericExternalId)
  if (externalId !== null) return byExternalId(externalId, { object, position }, context)
  const alias = aliasOf(object.user_alias)
  if (alias !== null) return byAlias(alias, { object, position }, context)
  if (isText(object.braze_id))
    return directory.byBrazeId(object.braze_id) ?? unknown(position, context)
  if (object.push_token_import === true)
    return directory.create({ device: JSON.stringify(object.push_tokens ?? null) }, context.at)
  return byContact(object, position, context)
}

/** An object of a track request, and where it stands. */
interface Placed {
  readonly object: JsonObject
  readonly position: ObjectPosition
}

function byExternalId(
  id: string,
  { object, position }: Placed,
  context: WriteContext,
): User | null {
  const { rules, workspace } = context
  const known = workspace.directory.byExternalId(id)
  if (known !== undefined) return known
  if (isUpdateOnly(object, context)) return unknown(position, context)
  const holder =
    !rules.duplicateProfile && isText(object.email)
      ? workspace.directory.byEmail(object.email)[0]
      : undefined
  return holder ?? workspace.directory.create({ externalId: id }, context.at)
}

function byAlias(alias: Alias, { object, position }: Placed, context: WriteContext): User | null {
  const { rules, workspace } = context
  const known = workspace.directory.byAlias(alias)
  if (known !== undefined) return known
  const isCreated = rules.aliasUpdateOnly
    ? object._update_existing_only === false
    : !isUpdateOnly(object, context)
  if (isCreated) return workspace.directory.create({ alias }, context.at)
  drop(context, position, 'unknown_alias')
  return null
}

function byContact(
  object: JsonObject,
  position: ObjectPosition,
  context: WriteContext,
): User | null {
  const { rules, workspace } = context
  if (!rules.secondaryIdentifiers) return unknown(position, context)
  const kind =
    isText(object.email) && (rules.emailWins || !isText(object.phone)) ? 'email' : 'phone'
  const value = String(object[kind])
  const found =
    kind === 'email' ? workspace.directory.byEmail(value) : workspace.directory.byPhone(value)
  const recent = mostRecent(found, context)
  if (recent !== undefined) return recent
  if (isUpdateOnly(object, context) || !rules.createByContact) return unknown(position, context)
  return workspace.directory.create(
    kind === 'email' ? { email: value } : { phone: value },
    context.at,
  )
}

function mostRecent(users: readonly User[], { rules }: WriteContext): User | undefined {
  if (!rules.mostRecentProfile) return users[0]
  const identified = users.filter((user) => user.externalId !== null)
  const candidates = identified.length > 0 ? identified : users
  return candidates.toSorted((a, b) => b.touched - a.touched)[0]
}

function isUpdateOnly(object: JsonObject, { rules }: WriteContext): boolean {
  return rules.updateOnly && object._update_existing_only === true
}

function unknown(position: ObjectPosition, context: WriteContext): null {
  drop(context, position, 'unknown_user')
  return null
}
