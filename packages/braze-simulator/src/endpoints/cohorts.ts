import type { Json, JsonObject } from '@engage-sync/contract'
import type { Engine } from '../engine/index.ts'
import type { Partner } from '../options/index.ts'
import { CHOSEN, DOCUMENTED, LIMITS } from '../specification/index.ts'
import { isIsoTime, isObject, isText, listOf } from '../values/index.ts'
import type { Reply } from './endpoint.ts'

/**
 * `/partners/{partner}/cohorts` and `/partners/{partner}/cohorts/users`.
 *
 * @see https://www.braze.com/docs/cohort_import/
 */
export function answerCohorts(
  action: 'create' | 'users',
  body: JsonObject,
  { partner, engine }: { readonly partner: Partner | undefined; readonly engine: Engine },
): Reply {
  const check = action === 'create' ? createProblem : usersProblem
  const steps = [() => keyProblem(body, partner, engine), () => check(body, engine)]
  for (const step of engine.rules.cohortCheckOrder ? steps : steps.toReversed()) {
    const problem = step()
    if (problem !== null) return problem
  }
  return action === 'create'
    ? create(body)
    : {
        ...CHOSEN.partnerSuccess,
        work: {
          kind: 'cohort_users',
          id: String(body.cohort_id),
          changes: listOf(body, 'cohort_changes'),
        },
      }
}

function create(body: JsonObject): Reply {
  const { cohort_id: id, name, created_at: createdAt } = body
  return {
    ...CHOSEN.partnerSuccess,
    work: { kind: 'cohort', id: String(id), name: String(name), createdAt: String(createdAt) },
  }
}

function keyProblem(
  body: JsonObject,
  partner: Partner | undefined,
  { rules }: Engine,
): Reply | null {
  if (rules.partnerKey && (partner === undefined || body.partner_api_key !== partner.partnerApiKey))
    return DOCUMENTED.partnerKey
  if (rules.clientSecret && body.client_secret !== partner?.clientSecret)
    return DOCUMENTED.clientSecret
  if (!rules.partnerEnabled || partner?.isEnabled !== false) return null
  return {
    status: 401,
    body: {
      message: `Partner not enabled for client with client secret: ${String(body.client_secret)}`,
    },
  }
}

function createProblem(body: JsonObject, { rules }: Engine): Reply | null {
  if (!rules.cohortFields) return null
  if (!isText(body.cohort_id)) return DOCUMENTED.cohortId
  if (!isText(body.name)) return DOCUMENTED.cohortName
  return typeof body.created_at === 'string' && isIsoTime(body.created_at)
    ? null
    : DOCUMENTED.cohortCreatedAt
}

function usersProblem(body: JsonObject, engine: Engine): Reply | null {
  const { rules, settings } = engine
  if (rules.cohortFields && !isText(body.cohort_id)) return DOCUMENTED.cohortId
  const { cohort_changes: changes } = body
  if (rules.cohortChanges && !(Array.isArray(changes) && changes.every(isChange)))
    return DOCUMENTED.cohortChanges
  if (rules.cohortIds && countIds(listOf(body, 'cohort_changes')) > LIMITS.cohortIds)
    return DOCUMENTED.cohortIds
  const isLocked = engine
    .pending()
    .some(({ work }) => work.kind === 'cohort_users' && work.id === body.cohort_id)
  return rules.cohortLock && settings.cohortLock && isLocked ? DOCUMENTED.locked : null
}

function isChange(change: Json): boolean {
  if (!isObject(change)) return false
  const { user_ids: users, device_ids: devices, aliases } = change
  const given = [users, devices, aliases].filter((list) => list !== undefined)
  return (
    given.length > 0 &&
    isTexts(users) &&
    isTexts(devices) &&
    (aliases === undefined || (Array.isArray(aliases) && aliases.every(isObject)))
  )
}

function isTexts(list: Json | undefined): boolean {
  return (
    list === undefined || (Array.isArray(list) && list.every((item) => typeof item === 'string'))
  )
}

function countIds(changes: readonly Json[]): number {
  return changes.reduce<number>(
    (sum, change) =>
      sum +
      (isObject(change)
        ? ['user_ids', 'device_ids', 'aliases'].reduce(
            (ids, key) => ids + listOf(change, key).length,
            0,
          )
        : 0),
    0,
  )
}
