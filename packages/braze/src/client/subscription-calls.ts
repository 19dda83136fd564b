import type { CallResult, SubscriptionUsers } from '../api/index.ts'
import type { Exchanger } from '../exchange/index.ts'
import { LIMITS } from '../limits.ts'
import { atMost, callBraze, resultOf } from './client-call.ts'
import type { CallOptions } from './client-call.ts'

/** One subscription group, and who is to be in it or out of it; email or phone, not both. */
export interface SubscriptionGroupChange {
  readonly subscription_group_id: string
  readonly subscription_state: 'subscribed' | 'unsubscribed'
  readonly external_ids?: readonly string[]
  readonly emails?: readonly string[]
  readonly phones?: readonly string[]
  /** For SMS: ask the user to confirm. */
  readonly use_double_opt_in_logic?: boolean
}

/** A user's groups, as Braze tells them. */
export interface SubscribedUser {
  readonly external_id?: string | null
  readonly email?: string | null
  readonly phone?: string | null
  readonly subscription_groups: readonly {
    readonly id: string
    readonly name: string
    readonly channel: string
    readonly status: string
  }[]
}

/** Calls about subscription groups. */
export interface SubscriptionCalls {
  /** States by external id: `Subscribed`, `Unsubscribed`, `Unknown`. */
  subscriptionStatus(
    query: { readonly subscriptionGroupId: string; readonly externalIds: readonly string[] },
    options?: CallOptions,
  ): Promise<Readonly<Record<string, string>>>
  /** All groups of users by external id, email or phone. */
  userSubscriptions(
    query: SubscriptionUsers,
    options?: CallOptions,
  ): Promise<readonly SubscribedUser[]>
  setSubscriptionStatus(
    change: SubscriptionUsers & {
      readonly subscription_group_id: string
      readonly subscription_state: 'subscribed' | 'unsubscribed'
      readonly use_double_opt_in_logic?: boolean
    },
    options?: CallOptions,
  ): Promise<CallResult>
  /** Several groups at once (v2). */
  setSubscriptionGroups(
    groups: readonly SubscriptionGroupChange[],
    options?: CallOptions,
  ): Promise<CallResult>
}

/**
 * The calls about subscription groups; those that set share 5,000 a minute.
 *
 * @see https://www.braze.com/docs/api/endpoints/subscription_groups/
 */
export function subscriptionCalls(shared: Exchanger): SubscriptionCalls {
  return { ...readingCalls(shared), ...settingCalls(shared) }
}

function readingCalls(
  shared: Exchanger,
): Pick<SubscriptionCalls, 'subscriptionStatus' | 'userSubscriptions'> {
  const ask = async (path: string, query: URLSearchParams, signal: AbortSignal | undefined) => {
    const call = {
      method: 'GET',
      path: `${path}?${query}`,
      group: 'default',
      repeatable: true,
    } as const
    return (await callBraze(shared, { ...call, signal })).body as Readonly<Record<string, unknown>>
  }
  return {
    async subscriptionStatus({ subscriptionGroupId, externalIds }, { signal } = {}) {
      atMost(LIMITS.idsPerRequest, externalIds.length, 'users')
      const query = new URLSearchParams({ subscription_group_id: subscriptionGroupId })
      for (const id of externalIds) query.append('external_id[]', id)
      const { status } = await ask('/subscription/status/get', query, signal)
      return (status as Readonly<Record<string, string>> | undefined) ?? {}
    },
    async userSubscriptions(users, { signal } = {}) {
      const query = new URLSearchParams()
      for (const [kind, ids = []] of Object.entries(users))
        for (const id of ids) query.append(`${kind}[]`, id)
      atMost(LIMITS.idsPerRequest, query.size, 'users')
      const { users: found } = await ask('/subscription/user/status', query, signal)
      return (found as readonly SubscribedUser[] | undefined) ?? []
    },
  }
}

function settingCalls(
  shared: Exchanger,
): Pick<SubscriptionCalls, 'setSubscriptionStatus' | 'setSubscriptionGroups'> {
  const set = async (path: string, body: object, signal: AbortSignal | undefined) =>
    resultOf(
      await callBraze(shared, { path, group: 'subscription', body, repeatable: true, signal }),
    )
  return {
    async setSubscriptionStatus(change, { signal } = {}) {
      atMost(
        LIMITS.idsPerRequest,
        (change.external_id ?? change.email ?? change.phone ?? []).length,
        'users',
      )
      return set('/subscription/status/set', change, signal)
    },
    async setSubscriptionGroups(groups, { signal } = {}) {
      for (const { external_ids: ids = [], emails = [], phones = [] } of groups)
        atMost(
          LIMITS.idsPerRequest,
          Math.max(ids.length, emails.length, phones.length),
          'users of one group',
        )
      return set('/v2/subscription/status/set', { subscription_groups: groups }, signal)
    },
  }
}
