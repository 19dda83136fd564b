import type { JsonObject } from '@engage-sync/contract'
import { aliasOf, externalIdOf, findOne, prioritizationProblem } from '../identity/index.ts'
import { drop } from '../model/index.ts'
import type { ObjectPosition, User, WriteContext } from '../model/index.ts'
import { listOf, objectsOf } from '../values/index.ts'
import { join } from './join.ts'

/** The arrays of an identify request, and the counter of its answer each goes to. */
export const IDENTIFY_ARRAYS = {
  aliases_to_identify: 'aliases_processed',
  emails_to_identify: 'emails_processed',
  phone_numbers_to_identify: 'phone_numbers_processed',
} as const

/**
 * Identifies profiles known by alias, email or phone: an unknown external id is assigned, a known
 * user absorbs the profile.
 *
 * @see https://www.braze.com/docs/api/endpoints/user_data/post_user_identify/
 */
export function applyIdentify(body: JsonObject, context: WriteContext): void {
  for (const array of Object.keys(IDENTIFY_ARRAYS))
    for (const [index, item] of objectsOf(listOf(body, array)))
      identify(item, { input: 'identify', index, user: null }, context)
}

function identify(item: JsonObject, position: ObjectPosition, context: WriteContext): void {
  const { rules, workspace } = context
  const externalId = externalIdOf(item.external_id, rules.numericExternalId)
  if (externalId === null) return
  if (prioritizationProblem({ ...item, external_id: null }, rules) !== null) return
  const at = { ...position, user: externalId }
  const { external_id: _, ...identifier } = item
  const anonymous = findOne(identifier, context)
  if (anonymous === null)
    return drop(context, at, aliasOf(item.user_alias) === null ? 'unknown_user' : 'unknown_alias')
  if (anonymous === 'ambiguous') return drop(context, at, 'ambiguous_user')
  const known = workspace.directory.byExternalId(externalId)
  if (known === anonymous) return
  if (known !== undefined) absorb({ anonymous, known }, at, context)
  else if (rules.identifyAssign && anonymous.externalId === null) {
    workspace.directory.setExternalId(anonymous, externalId)
    anonymous.touched = workspace.directory.nextTouch()
  }
}

function absorb(
  { anonymous, known }: { readonly anonymous: User; readonly known: User },
  position: ObjectPosition,
  context: WriteContext,
): void {
  const { rules } = context
  if (anonymous.externalId !== null) return drop(context, position, 'ambiguous_user')
  if (
    rules.identifySameLabel &&
    [...anonymous.aliases.keys()].some((label) => known.aliases.has(label))
  )
    return drop(context, position, 'alias_exists')
  if (rules.identifyMerge) join(anonymous, known, context)
}
