import type { Json, JsonObject } from '@engage-sync/contract'
import type { User } from '../model/index.ts'
import { CHOSEN, DOCUMENTED, LIMITS } from '../specification/index.ts'
import { isGroupId } from '../track/index.ts'
import { groupsOf, statusOf, usersOf } from '../users/index.ts'
import { isObject, isText, listOf, own } from '../values/index.ts'
import type { Call, Reply } from './endpoint.ts'

const KINDS = ['external_ids', 'emails', 'phones'] as const
const STATES: readonly Json[] = ['subscribed', 'unsubscribed']

/**
 * `/subscription/status/set`
 *
 * @see https://www.braze.com/docs/api/endpoints/subscription_groups/post_update_user_subscription_group_status/
 */
export function answerStatusSet(body: JsonObject, call: Call): Reply {
  const [external_ids, emails, phones] = ['external_id', 'email', 'phone'].map((key) =>
    textsOf(own(body, key)),
  )
  const { subscription_group_id, subscription_state } = body
  const group = { subscription_group_id, subscription_state, external_ids, emails, phones }
  return setGroups(
    [
      Object.fromEntries(
        Object.entries(group).filter(([, value]) => value !== undefined),
      ) as JsonObject,
    ],
    call,
  )
}

/**
 * `/v2/subscription/status/set`
 *
 * @see https://www.braze.com/docs/api/endpoints/subscription_groups/post_update_user_subscription_group_status_v2/
 */
export function answerStatusSetV2(body: JsonObject, call: Call): Reply {
  const groups = listOf(body, 'subscription_groups')
  if (groups.length === 0 || !groups.every(isObject)) return CHOSEN.badRequest
  return setGroups(
    groups.map((group) => ({
      ...group,
      ...Object.fromEntries(KINDS.map((kind) => [kind, textsOf(own(group, kind))])),
    })),
    call,
  )
}

/**
 * `GET /subscription/status/get`
 *
 * @see https://www.braze.com/docs/api/endpoints/subscription_groups/get_list_user_subscription_group_status/
 */
export function answerStatusGet(_body: JsonObject, { query, engine }: Call): Reply {
  const groupId = query.get('subscription_group_id') ?? ''
  if (engine.rules.subscriptionGroupId && !isGroupId(groupId)) return DOCUMENTED.groupId
  const asked = askedOf(query)
  if (typeof asked === 'string') return askedProblem(asked)
  const status = asked.ids.map(
    (id) =>
      [id, statusOf(usersOf(asked.kind, id, engine.workspace.directory)[0], groupId)] as const,
  )
  return { status: 200, body: { status: Object.fromEntries(status), message: 'success' } }
}

/**
 * `GET /subscription/user/status`
 *
 * @see https://www.braze.com/docs/api/endpoints/subscription_groups/get_list_user_subscription_groups/
 */
export function answerUserStatus(_body: JsonObject, { query, engine }: Call): Reply {
  const asked = askedOf(query)
  if (typeof asked === 'string') return askedProblem(asked)
  const users = asked.ids.flatMap((id) => usersOf(asked.kind, id, engine.workspace.directory))
  const offset = Number(query.get('offset') ?? 0) || 0
  const limit = Math.min(
    Number(query.get('limit') ?? LIMITS.subscriptionUsers) || LIMITS.subscriptionUsers,
    LIMITS.subscriptionUsers,
  )
  const shown = users.slice(offset, offset + limit).map(userGroups)
  return { status: 200, body: { users: shown, total_count: users.length, message: 'success' } }
}

function setGroups(groups: readonly JsonObject[], { engine: { rules } }: Call): Reply {
  for (const group of groups) {
    const count = (kind: (typeof KINDS)[number]) => listOf(group, kind).length
    const [externalIds, emails, phones] = [count('external_ids'), count('emails'), count('phones')]
    if (rules.subscriptionGroupId && !isGroupId(group.subscription_group_id))
      return DOCUMENTED.groupId
    if (rules.subscribeState && !STATES.includes(group.subscription_state ?? null))
      return CHOSEN.subscriptionState
    if (rules.subscriptionContacts && emails > 0 && phones > 0) return DOCUMENTED.emailOrPhone
    if (externalIds + emails + phones === 0) return CHOSEN.idsRequired
    if (rules.idsPerRequest && Math.max(externalIds, emails, phones) > LIMITS.idsPerRequest)
      return CHOSEN.tooManyIds
  }
  return {
    status: 201,
    body: { message: 'success' },
    work: { kind: 'subscriptions', body: { subscription_groups: groups } },
  }
}

/** A text, or the texts of an array. */
function textsOf(value: Json | undefined): readonly string[] {
  return (Array.isArray(value) ? (value as readonly Json[]) : [value ?? null]).filter(isText)
}

/** Whom a query asks about; external ids come before the rest. */
function askedOf(
  query: URLSearchParams,
):
  | { readonly kind: (typeof KINDS)[number]; readonly ids: readonly string[] }
  | 'nobody'
  | 'both'
  | 'too many' {
  const all = (key: string) => [...query.getAll(key), ...query.getAll(`${key}[]`)]
  const [externalIds, emails, phones] = [all('external_id'), all('email'), all('phone')]
  if (externalIds.length === 0 && emails.length > 0 && phones.length > 0) return 'both'
  const [kind, ids] =
    externalIds.length > 0
      ? (['external_ids', externalIds] as const)
      : emails.length > 0
        ? (['emails', emails] as const)
        : (['phones', phones] as const)
  if (ids.length > LIMITS.idsPerRequest) return 'too many'
  return ids.length === 0 ? 'nobody' : { kind, ids }
}

function askedProblem(problem: 'nobody' | 'both' | 'too many'): Reply {
  if (problem === 'both') return DOCUMENTED.emailOrPhone
  return problem === 'nobody' ? CHOSEN.idsRequired : CHOSEN.tooManyIds
}

/**
 * A user with its groups. The simulator knows neither names nor channels of groups: the id stands
 * for the name.
 */
function userGroups(user: User): JsonObject {
  const groups = groupsOf(user).map(({ subscription_group_id: id = null }) => ({
    id,
    name: id,
    channel: 'email',
    status: statusOf(user, String(id)),
  }))
  const contact = Object.fromEntries(
    (['email', 'phone'] as const).flatMap((kind) => [[kind, user.standard.get(kind) ?? null]]),
  )
  return { ...contact, external_id: user.externalId, subscription_groups: groups }
}
