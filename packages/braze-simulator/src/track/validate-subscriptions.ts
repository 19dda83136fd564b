import type { Json, JsonObject } from '@engage-sync/contract'
import { TYPES } from '../specification/index.ts'
import type { RejectionType } from '../specification/index.ts'
import { isObject, isText } from '../values/index.ts'

const STATES: readonly Json[] = ['opted_in', 'subscribed', 'unsubscribed']
const GROUP_STATES: readonly Json[] = ['subscribed', 'unsubscribed']

/** A check of subscribe states, or of subscription groups. */
export function subscriptionProblem(
  part: 'states' | 'groups' | 'ids',
): (object: JsonObject) => RejectionType | null {
  return PARTS[part]
}

const PARTS = { states: stateProblem, groups: groupsProblem, ids: idsProblem } as const
const UUID = /^[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}$/i

/** Whether a value is the id of a subscription group. */
export function isGroupId(value: Json | undefined): boolean {
  return typeof value === 'string' && UUID.test(value)
}

function idsProblem({ subscription_groups: groups }: JsonObject): RejectionType | null {
  if (!Array.isArray(groups)) return null
  const ids = groups.map((group) => (isObject(group) ? group.subscription_group_id : undefined))
  return ids.some((id) => isText(id) && !isGroupId(id)) ? TYPES.groupId : null
}

function stateProblem({
  email_subscribe: email,
  push_subscribe: push,
}: JsonObject): RejectionType | null {
  if (email !== undefined && !STATES.includes(email)) return TYPES.emailSubscribe
  return push !== undefined && !STATES.includes(push) ? TYPES.pushSubscribe : null
}

function groupsProblem({ subscription_groups: groups }: JsonObject): RejectionType | null {
  if (groups === undefined) return null
  if (!Array.isArray(groups)) return TYPES.groupArray
  for (const group of groups) {
    if (!isObject(group)) return TYPES.groupHash
    if (!isText(group.subscription_group_id)) return TYPES.groupId
    if (!GROUP_STATES.includes(group.subscription_state ?? null)) return TYPES.groupState
  }
  return null
}
