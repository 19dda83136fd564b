import type { JsonObject } from '@engage-sync/contract'
import { aliasOf, externalIdOf } from '../identity/index.ts'
import { drop } from '../model/index.ts'
import type { ObjectPosition, WriteContext } from '../model/index.ts'
import { isObject, isText, listOf } from '../values/index.ts'

/**
 * Gives users aliases. A pair that exists changes nothing; an unknown external id gets none;
 * without one a profile is made.
 *
 * @see https://www.braze.com/docs/api/endpoints/user_data/post_user_alias/
 */
export function applyAliasNew(body: JsonObject, context: WriteContext): void {
  listOf(body, 'user_aliases').forEach((item, index) => {
    if (isObject(item)) addAlias(item, { input: 'aliases', index, user: null }, context)
  })
}

function addAlias(item: JsonObject, position: ObjectPosition, context: WriteContext): void {
  const { rules, workspace } = context
  const { directory } = workspace
  const alias = aliasOf(item)
  if (alias === null) return
  if (rules.aliasUnique && directory.byAlias(alias) !== undefined)
    return drop(context, position, 'alias_exists')
  const externalId = externalIdOf(item.external_id, rules.numericExternalId)
  if (externalId === null) {
    if (rules.aliasOnly) directory.create({ alias }, context.at)
    return
  }
  const user =
    directory.byExternalId(externalId) ??
    (rules.aliasUnknownUser ? undefined : directory.create({ externalId }, context.at))
  if (user === undefined) return drop(context, { ...position, user: externalId }, 'unknown_user')
  if (rules.aliasOnePerLabel && user.aliases.has(alias.label))
    return drop(context, { ...position, user: externalId }, 'alias_exists')
  directory.setAlias(user, alias)
  user.touched = directory.nextTouch()
}

/**
 * Renames aliases; unknown pairs change nothing.
 *
 * @see https://www.braze.com/docs/api/endpoints/user_data/post_users_alias_update/
 */
export function applyAliasUpdate(body: JsonObject, context: WriteContext): void {
  const { rules, workspace } = context
  listOf(body, 'alias_updates').forEach((item, index) => {
    if (!isObject(item) || !rules.aliasUpdate) return
    const { alias_label: label, old_alias_name: oldName, new_alias_name: newName } = item
    if (!isText(label) || !isText(oldName) || !isText(newName)) return
    const user = workspace.directory.byAlias({ label, name: oldName })
    const position = { input: 'aliases', index, user: null }
    if (user === undefined) drop(context, position, 'unknown_alias')
    else if (workspace.directory.byAlias({ label, name: newName }) !== undefined)
      drop(context, position, 'alias_exists')
    else workspace.directory.setAlias(user, { label, name: newName })
  })
}
