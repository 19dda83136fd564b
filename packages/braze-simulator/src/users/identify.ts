import type { JsonObject } from '@engage-sync/core'
import { drop } from '../applying.ts'
import type { Applying, Place } from '../applying.ts'
import { listOf } from '../json.ts'
import type { User } from '../model/user.ts'
import { aliasOf, externalIdOf } from '../track/identity.ts'
import { findOne, objectsOf } from './find.ts'
import { join } from './join.ts'

/** The arrays of an identify request, and the counter of its answer each goes to. */
export const IDENTIFY_ARRAYS = {
  aliases_to_identify: 'aliases_processed',
  emails_to_identify: 'emails_processed',
  phone_numbers_to_identify: 'phone_numbers_processed',
} as const

/**
 * Identifies profiles known by alias, email or phone: an unknown external id is assigned, a known user absorbs the profile.
 *
 * @see https://www.braze.com/docs/api/endpoints/user_data/post_user_identify/
 */
export function applyIdentify(body: JsonObject, applying: Applying): void {
  for (const array of Object.keys(IDENTIFY_ARRAYS))
    for (const [index, item] of objectsOf(listOf(body, array))) identify(item, { input: 'identify', index, user: null }, applying)
}

function identify(item: JsonObject, place: Place, applying: Applying): void {
  const { rules, workspace } = applying
  const externalId = externalIdOf(item.external_id, rules.numericExternalId)
  if (externalId === null) return
  const at = { ...place, user: externalId }
  const { external_id: _, ...identifier } = item
  const anonymous = findOne(identifier, applying)
  if (anonymous === null) return drop(applying, at, aliasOf(item.user_alias) === null ? 'unknown_user' : 'unknown_alias')
  if (anonymous === 'ambiguous') return drop(applying, at, 'ambiguous_user')
  const known = workspace.directory.byExternalId(externalId)
  if (known === anonymous) return
  if (known !== undefined) absorb(anonymous, known, at, applying)
  else if (rules.identifyAssign && anonymous.externalId === null) {
    workspace.directory.setExternalId(anonymous, externalId)
    anonymous.touched = workspace.directory.nextTouch()
  }
}

function absorb(anonymous: User, known: User, place: Place, applying: Applying): void {
  const { rules } = applying
  if (anonymous.externalId !== null) return drop(applying, place, 'ambiguous_user')
  if (rules.identifySameLabel && [...anonymous.aliases.keys()].some((label) => known.aliases.has(label)))
    return drop(applying, place, 'alias_exists')
  if (rules.identifyMerge) join(anonymous, known, applying)
}
