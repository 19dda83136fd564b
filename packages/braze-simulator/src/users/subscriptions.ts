import type { Json, JsonObject } from '@engage-sync/contract'
import { drop } from '../model/index.ts'
import type { Directory, User, WriteContext } from '../model/index.ts'
import { isObject, isText, listOf } from '../values/index.ts'

/** State of a user in a subscription group, as answers spell it. */
export type SubscriptionStatus = 'Subscribed' | 'Unsubscribed' | 'Unknown'

/** State of a user in a group; `Unknown` for nobody, and where none was ever set. */
export function statusOf(user: User | undefined, groupId: string): SubscriptionStatus {
  const group = groupsOf(user).find(({ subscription_group_id: id }) => id === groupId)
  if (group === undefined) return 'Unknown'
  return group.subscription_state === 'subscribed' ? 'Subscribed' : 'Unsubscribed'
}

/** Groups a user has a state in. */
export function groupsOf(user: User | undefined): readonly JsonObject[] {
  const groups = user?.standard.get('subscription_groups')
  return Array.isArray(groups) ? groups.filter(isObject) : []
}

/** Users an id of a subscription request names: all that share an email address or phone number. */
export function usersOf(
  kind: 'external_ids' | 'emails' | 'phones',
  id: string,
  directory: Directory,
): readonly User[] {
  if (kind === 'emails') return directory.byEmail(id)
  if (kind === 'phones') return directory.byPhone(id)
  return [directory.byExternalId(id) ?? []].flat()
}

/**
 * Sets states in subscription groups, in the form of version 2 of the endpoint. Nobody is created,
 * and it costs no data points.
 *
 * @see https://www.braze.com/docs/api/endpoints/subscription_groups/post_update_user_subscription_group_status_v2/
 */
export function applySubscriptions(body: JsonObject, context: WriteContext): void {
  listOf(body, 'subscription_groups').forEach((group, index) => {
    if (!isObject(group)) return
    for (const kind of ['external_ids', 'emails', 'phones'] as const)
      for (const id of listOf(group, kind).filter(isText))
        setStates(group, { kind, id, index }, context)
  })
}

interface Named {
  readonly kind: 'external_ids' | 'emails' | 'phones'
  readonly id: string
  readonly index: number
}

function setStates(group: JsonObject, { kind, id, index }: Named, context: WriteContext): void {
  const { workspace, rules } = context
  const found = usersOf(kind, id, workspace.directory)
  if (found.length === 0)
    drop(context, { input: 'subscription_groups', index, user: id }, 'unknown_user')
  const { subscription_group_id: groupId = null, subscription_state: state = null } = group
  const next = { subscription_group_id: groupId, subscription_state: state }
  for (const user of rules.subscriptionShared ? found : found.slice(0, 1)) {
    const others: readonly Json[] = groupsOf(user).filter(
      (known) => known.subscription_group_id !== groupId,
    )
    user.standard.set('subscription_groups', [...others, next])
    user.touched = workspace.directory.nextTouch()
  }
}
