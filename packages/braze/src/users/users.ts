import { zip } from '@engage-sync/contract'
import type { Outcome, Sent, UserRef } from '@engage-sync/contract'
import type { Exchanger } from '../exchange/index.ts'
import { aliasObject, userKey } from '../identity/index.ts'
import { LIMITS } from '../limits.ts'
import { inLists, sendLists } from './list-call.ts'

/** An alias that is to belong to an external id. */
export interface IdentifyPair {
  readonly externalId: string
  readonly alias: { readonly name: string; readonly label: string }
}

/** A user that is to become part of another. */
export interface MergePair {
  readonly from: UserRef
  readonly into: UserRef
}

/**
 * Attaches aliases to external ids.
 *
 * @see https://www.braze.com/docs/api/endpoints/user_data/post_user_identify/
 */
export function identify(
  shared: Exchanger,
  pairs: readonly IdentifyPair[],
  signal: AbortSignal,
): Promise<Sent> {
  const call = {
    path: '/users/identify',
    bodyOf: (some: readonly IdentifyPair[]) => ({
      aliases_to_identify: some.map(({ externalId, alias }) => ({
        external_id: externalId,
        user_alias: aliasObject(alias),
      })),
    }),
    repeatable: false,
  }
  return sendLists(shared, call, { lists: inLists(pairs), signal })
}

/**
 * Merges users. Braze keeps no order within a request, so no user stands twice in one.
 *
 * @see https://www.braze.com/docs/api/endpoints/user_data/post_users_merge/
 */
export function merge(
  shared: Exchanger,
  pairs: readonly MergePair[],
  signal: AbortSignal,
): Promise<Sent> {
  const call = {
    path: '/users/merge',
    bodyOf: (some: readonly MergePair[]) => ({
      merge_updates: some.map(({ from, into }) => ({
        identifier_to_merge: identifier(from),
        identifier_to_keep: identifier(into),
      })),
    }),
    repeatable: false,
  }
  return sendLists(shared, call, { lists: withoutRepeats(pairs), signal })
}

/**
 * Deletes users for good; one kind of identifier a request.
 *
 * @see https://www.braze.com/docs/api/endpoints/user_data/post_user_delete/
 */
export async function deleteUsers(
  shared: Exchanger,
  users: readonly UserRef[],
  signal: AbortSignal,
): Promise<Sent> {
  const call = { path: '/users/delete', bodyOf: usersBody, repeatable: true }
  const { lists, placeOf } = byKind(users)
  const sent = await sendLists(shared, call, { lists, signal })
  const outcomes: Outcome[] = []
  for (const [place, outcome] of zip(placeOf, sent.outcomes)) outcomes[place] = outcome
  return { ...sent, outcomes }
}

/** The members that name users of one kind. */
export function usersBody(users: readonly UserRef[]): {
  readonly external_ids?: readonly string[]
  readonly user_aliases?: readonly object[]
} {
  const ids = users.flatMap((user) => ('externalId' in user ? [user.externalId] : []))
  if (ids.length > 0) return { external_ids: ids }
  return {
    user_aliases: users.flatMap((user) => ('alias' in user ? [aliasObject(user.alias)] : [])),
  }
}

/** Users in lists of 50 of one kind each, and where each stood. */
export function byKind(users: readonly UserRef[]): {
  readonly lists: readonly (readonly UserRef[])[]
  readonly placeOf: readonly number[]
} {
  const placed = users.map((user, place) => ({ user, place }))
  const kinds = [
    placed.filter(({ user }) => 'externalId' in user),
    placed.filter(({ user }) => 'alias' in user),
  ]
  return {
    lists: kinds.flatMap((kind) => inLists(kind.map(({ user }) => user))),
    placeOf: kinds.flat().map(({ place }) => place),
  }
}

function identifier(user: UserRef): object {
  return 'externalId' in user
    ? { external_id: user.externalId }
    : { user_alias: aliasObject(user.alias) }
}

function withoutRepeats(pairs: readonly MergePair[]): readonly (readonly MergePair[])[] {
  const lists: MergePair[][] = []
  let users = new Set<string>()
  for (const pair of pairs) {
    const keys = [userKey(pair.from), userKey(pair.into)]
    const list = lists.at(-1)
    const fits =
      list !== undefined &&
      list.length < LIMITS.idsPerRequest &&
      !keys.some((key) => users.has(key))
    if (fits) list.push(pair)
    else {
      lists.push([pair])
      users = new Set()
    }
    for (const key of keys) users.add(key)
  }
  return lists
}
