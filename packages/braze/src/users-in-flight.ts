import type { UserRef } from '@engage-sync/core'

/**
 * Which packed request holds a user last, until that request was answered.
 *
 * A user's next request names it as the one to wait for, so that no user is ever in two requests in flight. Holds the
 * users of unanswered requests, no others.
 */
export class UsersInFlight {
  readonly #requestOf = new Map<string, number>()
  readonly #usersOf = new Map<number, readonly string[]>()

  /** The request the user's next one must wait for, or null. */
  last(key: string): number | null {
    return this.#requestOf.get(key) ?? null
  }

  /** The users of a packed request. */
  packed(id: number, keys: readonly string[]): void {
    for (const key of keys) this.#requestOf.set(key, id)
    this.#usersOf.set(id, keys)
  }

  /** The request was answered, or will never be sent. */
  answered(id: number): void {
    for (const key of this.#usersOf.get(id) ?? []) if (this.#requestOf.get(key) === id) this.#requestOf.delete(key)
    this.#usersOf.delete(id)
  }
}

/** A user as one text; no external id equals an alias. */
export function userKey(user: UserRef): string {
  return 'externalId' in user ? user.externalId : `\u0000${user.alias.label}\u0000${user.alias.name}`
}
