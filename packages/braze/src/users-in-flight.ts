import type { UserRef } from '@engage-sync/core'

/** Timers may end this much early by the clock, and who waited for `settleMs` has waited. */
const TIMER_MS = 5

/**
 * Which packed request holds a user last, until that request was answered and Braze had time to apply it.
 *
 * A user's next request names it as the one to wait for, so that no user is ever in two requests in flight. Holds no
 * more users than are in flight or settling.
 */
export class UsersInFlight {
  readonly #settleMs: number
  readonly #now: () => number
  readonly #requestOf = new Map<string, number>()
  readonly #usersOf = new Map<number, string[]>()
  readonly #settling: { readonly id: number; readonly untilMs: number }[] = []

  constructor(settleMs: number, now: () => number) {
    this.#settleMs = settleMs
    this.#now = now
  }

  /** The request the user's next one must wait for, or null. */
  last(key: string): number | null {
    return this.#requestOf.get(key) ?? null
  }

  /** The users of a packed request. */
  packed(id: number, keys: string[]): void {
    this.#forgetSettled()
    for (const key of keys) this.#requestOf.set(key, id)
    this.#usersOf.set(id, keys)
  }

  /** The request was answered, or will never be sent. */
  answered(id: number): void {
    if (this.#usersOf.has(id)) this.#settling.push({ id, untilMs: this.#now() + this.#settleMs - TIMER_MS })
    this.#forgetSettled()
  }

  #forgetSettled(): void {
    const now = this.#now()
    let settled = 0
    while (settled < this.#settling.length && this.#settling[settled].untilMs <= now) settled++
    for (const { id } of this.#settling.splice(0, settled)) {
      for (const key of this.#usersOf.get(id) ?? []) if (this.#requestOf.get(key) === id) this.#requestOf.delete(key)
      this.#usersOf.delete(id)
    }
  }
}

/** A user as one text; no external id equals an alias. */
export function userKey(user: UserRef): string {
  return 'externalId' in user ? user.externalId : `\u0000${user.alias.label}\u0000${user.alias.name}`
}
