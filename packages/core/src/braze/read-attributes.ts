import { isJsonObject, own } from '@engage-sync/contract'
import type { Json, JsonObject } from '@engage-sync/contract'

/** What an attributes object says, its options left out. */
export interface ReadAttributes {
  /** Top-level attributes; null is an unset. */
  readonly attributes: ReadonlyMap<string, Json>
  /** By id. */
  readonly subscriptionGroups: ReadonlyMap<string, 'subscribed' | 'unsubscribed'>
}

/** What `attributesText` wrote, told apart again. Shape: one user's object, without identifier. */
export function readAttributes(object: JsonObject): ReadAttributes {
  const { subscription_groups: groups, _merge_objects: _, ...values } = object
  return {
    attributes: new Map(Object.entries(values)),
    subscriptionGroups: new Map(groupsIn(groups)),
  }
}

function groupsIn(
  groups: Json | undefined,
): readonly (readonly [string, 'subscribed' | 'unsubscribed'])[] {
  if (!Array.isArray(groups)) return []
  return groups.filter(isJsonObject).map((group) => {
    const state = own(group, 'subscription_state') === 'subscribed' ? 'subscribed' : 'unsubscribed'
    return [String(own(group, 'subscription_group_id')), state]
  })
}
