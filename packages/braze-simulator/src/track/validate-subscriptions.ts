import type { Json, JsonObject } from '@engage-sync/core'
import { TYPES } from '../specification/index.ts'
import type { RejectionType } from '../specification/index.ts'
import { isObject, isText } from '../values/index.ts'

const STATES: readonly Json[] = ['opted_in', 'subscribed', 'unsubscribed']
const GROUP_STATES: readonly Json[] = ['subscribed', 'unsubscribed']

/** A check of subscribe states, or of subscription groups. */
export function subscriptionProblem(part: 'states' | 'groups'): (object: JsonObject) => RejectionType | null {
  return part === 'states' ? stateProblem : groupsProblem
}

function stateProblem({ email_subscribe: email, push_subscribe: push }: JsonObject): RejectionType | null {
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
