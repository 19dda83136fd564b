import type { UserRef } from '@engage-sync/contract'

/** A user as one text; no external id equals an alias. */
export function userKey(user: UserRef): string {
  return 'externalId' in user
    ? user.externalId
    : `\u0000${user.alias.label}\u0000${user.alias.name}`
}
