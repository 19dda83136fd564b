import type { CohortEncoding, SubscriptionGroupEncoding } from './encoding.ts'
import { cohortIdOf, slotId } from '../names/mapping-id.ts'

/**
 * Encode belonging as a Braze cohort.
 *
 * Shape: the cohort's id is `engage-sync:<sync>:<key>`: it does not depend on the name, so a new
 * name is a rename.
 */
export function cohortEncoding(
  place: { readonly id: string; readonly sync: string; readonly key: string },
  name: string,
): CohortEncoding {
  return {
    kind: 'cohort',
    slotId: slotId(place.id, 'cohort'),
    cohortId: cohortIdOf(place),
    name: name.trim(),
  }
}

/**
 * Encode belonging as the state of a Braze subscription group: members are subscribed, the others
 * unsubscribed.
 */
export function subscriptionGroupEncoding(id: string, groupId: string): SubscriptionGroupEncoding {
  return { kind: 'subscription', slotId: slotId(id, 'subscription_group'), groupId: groupId.trim() }
}
