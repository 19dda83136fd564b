import type { Json, JsonObject } from '@engage-sync/contract'
import { externalIdOf, orderProblem, prioritizationProblem } from '../identity/index.ts'
import { CHOSEN, CHOSEN_TYPES, DOCUMENTED, LIMITS } from '../specification/index.ts'
import { isAlias } from '../track/index.ts'
import { DELETE_ARRAYS, IDENTIFY_ARRAYS } from '../users/index.ts'
import { isObject, isText, listOf } from '../values/index.ts'
import type { Call, Reply } from './endpoint.ts'

/** `/users/alias/new` @see https://www.braze.com/docs/api/endpoints/user_data/post_user_alias/ */
export function answerAliasNew(body: JsonObject, call: Call): Reply {
  const aliases = listOf(body, 'user_aliases')
  if (isTooMany(aliases.length, call)) return CHOSEN.tooManyIds
  return aliasReply(aliases.filter(isAlias).length, { kind: 'alias_new', body })
}

/**
 * `/users/alias/update`
 *
 * @see https://www.braze.com/docs/api/endpoints/user_data/post_users_alias_update/
 */
export function answerAliasUpdate(body: JsonObject, call: Call): Reply {
  const updates = listOf(body, 'alias_updates')
  if (isTooMany(updates.length, call)) return CHOSEN.tooManyIds
  return aliasReply(updates.filter(isObject).length, { kind: 'alias_update', body })
}

/** `/users/identify` @see https://www.braze.com/docs/api/endpoints/user_data/post_user_identify/ */
export function answerIdentify(body: JsonObject, call: Call): Reply {
  const arrays = Object.entries(IDENTIFY_ARRAYS).filter(([array]) => Object.hasOwn(body, array))
  const total = arrays.reduce((sum, [array]) => sum + listOf(body, array).length, 0)
  if (isTooMany(total, call)) return CHOSEN.tooManyIds
  if (arrays.length === 0) return CHOSEN.badRequest
  const errors: Json[] = []
  const counts = arrays.map(([array, counter]) => {
    const items = listOf(body, array)
    const problems = items.map((item) => identifyProblem(item, call))
    problems.forEach((type, index) => {
      if (type !== null) errors.push({ type, input_array: 'user_identifiers', index })
    })
    return [counter, problems.filter((type) => type === null).length] as const
  })
  const answer = { ...Object.fromEntries(counts), message: 'success' }
  return {
    status: 201,
    body: errors.length === 0 ? answer : { ...answer, errors },
    work: { kind: 'identify', body },
  }
}

/** `/users/merge` @see https://www.braze.com/docs/api/endpoints/user_data/post_users_merge/ */
export function answerMerge(body: JsonObject, call: Call): Reply {
  const problem = call.engine.rules.mergeValidation ? mergeProblem(body.merge_updates, call) : null
  return problem ?? { status: 202, body: { message: 'success' }, work: { kind: 'merge', body } }
}

/** `/users/delete` @see https://www.braze.com/docs/api/endpoints/user_data/post_user_delete/ */
export function answerDelete(body: JsonObject, call: Call): Reply {
  const arrays = Object.keys(DELETE_ARRAYS).filter((array) => listOf(body, array).length > 0)
  if (arrays.length === 0 || (arrays.length > 1 && call.engine.rules.deleteOneKind))
    return CHOSEN.badRequest
  const deleted = arrays.reduce((sum, array) => sum + listOf(body, array).length, 0)
  if (isTooMany(deleted, call)) return CHOSEN.tooManyIds
  return (
    deleteProblem(body, call) ?? {
      status: 201,
      body: { deleted, message: 'success' },
      work: { kind: 'delete', body },
    }
  )
}

function aliasReply(processed: number, work: Reply['work']): Reply {
  return { status: 201, body: { aliases_processed: processed, message: 'success' }, work }
}

function isTooMany(count: number, { engine }: Call): boolean {
  return engine.rules.idsPerRequest && count > LIMITS.idsPerRequest
}

function identifyProblem(item: Json, { engine: { rules } }: Call): string | null {
  if (!isObject(item) || externalIdOf(item.external_id, true) === null)
    return rules.identifyPartial ? "'external_id' is required" : null
  const problem = prioritizationProblem({ ...item, external_id: null }, rules)
  if (problem === null) return null
  return problem === 'required'
    ? CHOSEN_TYPES.prioritizationRequired
    : CHOSEN_TYPES.prioritizationInvalid
}

function prioritizationReply(problem: 'required' | 'invalid' | null): Reply | null {
  if (problem === null) return null
  return problem === 'required' ? CHOSEN.prioritizationRequired : CHOSEN.prioritizationInvalid
}

/**
 * Entries by email or phone must say which of several profiles they mean. Another page of the
 * documentation lists plain texts.
 */
function deleteProblem(body: JsonObject, { engine: { rules } }: Call): Reply | null {
  if (!rules.deletePrioritization) return null
  for (const item of [...listOf(body, 'email_addresses'), ...listOf(body, 'phone_numbers')]) {
    const problem = orderProblem(isObject(item) ? item.prioritization : undefined, {
      ...rules,
      prioritizationRequired: true,
    })
    if (problem !== null) return prioritizationReply(problem)
  }
  return null
}

function mergeProblem(updates: Json | undefined, { engine: { rules } }: Call): Reply | null {
  if (!Array.isArray(updates) || !updates.every(isObject)) return DOCUMENTED.mergeArray
  if (updates.length > LIMITS.idsPerRequest) return DOCUMENTED.mergeCount
  for (const update of updates) {
    const keys = Object.keys(update)
    if (
      keys.length !== 2 ||
      !keys.includes('identifier_to_merge') ||
      !keys.includes('identifier_to_keep')
    )
      return DOCUMENTED.mergeKeys
    const { identifier_to_merge: merged, identifier_to_keep: kept } = update
    if (!isIdentifier(merged) || !isIdentifier(kept)) return DOCUMENTED.mergeIdentifiers
    const problem = prioritizationProblem(merged, rules) ?? prioritizationProblem(kept, rules)
    if (problem !== null) return prioritizationReply(problem)
  }
  return null
}

function isIdentifier(value: Json | undefined): value is JsonObject {
  return (
    isObject(value) &&
    (isText(value.external_id) ||
      isObject(value.user_alias) ||
      isText(value.email) ||
      isText(value.phone))
  )
}
