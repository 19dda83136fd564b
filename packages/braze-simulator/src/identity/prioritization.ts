import type { Json, JsonObject } from '@engage-sync/contract'
import type { Rules } from '../options/index.ts'
import { isText } from '../values/index.ts'
import { aliasOf, externalIdOf } from './identifiers.ts'

const KNOWN: readonly Json[] = [
  'identified',
  'unidentified',
  'most_recently_updated',
  'least_recently_updated',
]

/**
 * What is wrong with how an identifier chooses among the profiles of an email address or phone
 * number; null when nothing is.
 *
 * The documentation says "must"; what an answer says of it is ours.
 *
 * @see https://www.braze.com/docs/api/endpoints/user_data/post_users_merge/
 */
export function prioritizationProblem(
  identifier: JsonObject,
  rules: Rules,
): 'required' | 'invalid' | null {
  const { external_id: externalId, user_alias: alias, email, phone, prioritization } = identifier
  if (externalIdOf(externalId, true) !== null || aliasOf(alias) !== null) return null
  return isText(email) || isText(phone) ? orderProblem(prioritization, rules) : null
}

/** What is wrong with an order of choice; null when nothing is. */
export function orderProblem(
  prioritization: Json | undefined,
  rules: Rules,
): 'required' | 'invalid' | null {
  const order = Array.isArray(prioritization) ? (prioritization as readonly Json[]) : []
  if (rules.prioritizationRequired && order.length === 0) return 'required'
  if (rules.prioritizationRequired && !order.every((choice) => KNOWN.includes(choice)))
    return 'invalid'
  const hasBoth = order.includes('identified') && order.includes('unidentified')
  return rules.prioritizationExclusive && hasBoth ? 'invalid' : null
}
