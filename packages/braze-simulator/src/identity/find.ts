import type { Json, JsonObject } from '@engage-sync/contract'
import type { User, WriteContext } from '../model/index.ts'
import { isText } from '../values/index.ts'
import { aliasOf, externalIdOf } from './identifiers.ts'

/** The profile an identifier names, `null` for none, `'ambiguous'` when several are left. */
export type Found = User | null | 'ambiguous'

/**
 * Finds the one profile `{external_id}`, `{user_alias}`, `{email}` or `{phone}` names; the last two
 * with `prioritization`.
 *
 * @see https://www.braze.com/docs/api/endpoints/user_data/post_users_merge/
 */
export function findOne(
  identifier: JsonObject,
  { rules, workspace: { directory } }: WriteContext,
): Found {
  const externalId = externalIdOf(identifier.external_id, rules.numericExternalId)
  if (externalId !== null) return directory.byExternalId(externalId) ?? null
  const alias = aliasOf(identifier.user_alias)
  if (alias !== null) return directory.byAlias(alias) ?? null
  const users = isText(identifier.email)
    ? directory.byEmail(identifier.email)
    : isText(identifier.phone)
      ? directory.byPhone(identifier.phone)
      : []
  return prioritize(
    users,
    rules.prioritization ? identifier.prioritization : ['most_recently_updated'],
  )
}

/**
 * The profile that is left of several: `identified`, `unidentified`, `most_recently_updated`,
 * `least_recently_updated`.
 */
export function prioritize(users: readonly User[], prioritization: Json | undefined): Found {
  let left = users
  for (const rule of Array.isArray(prioritization) ? prioritization : []) {
    if (rule === 'identified') left = left.filter((user) => user.externalId !== null)
    else if (rule === 'unidentified') left = left.filter((user) => user.externalId === null)
    else if (rule === 'most_recently_updated')
      left = left.toSorted((a, b) => b.touched - a.touched).slice(0, 1)
    else if (rule === 'least_recently_updated')
      left = left.toSorted((a, b) => a.touched - b.touched).slice(0, 1)
  }
  return left.length > 1 ? 'ambiguous' : (left[0] ?? null)
}
