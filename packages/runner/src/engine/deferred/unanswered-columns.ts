import type { DeferredUser } from './deferred-user.ts'

/**
 * By user, the columns whose values may have been sent without an answer; null where that may be
 * any.
 */
export class UnansweredColumns {
  readonly #columns = new Map<string, Set<number> | null>()

  /** @param users - each as often as letters tell of it */
  constructor(users: readonly Pick<DeferredUser, 'user' | 'unanswered'>[]) {
    for (const { user, unanswered } of users)
      this.#columns.set(user, this.#joined(user, unanswered))
  }

  has(user: string, column: number): boolean {
    const columns = this.#columns.get(user)
    return columns === null || columns?.has(column) === true
  }

  /** A user whose columns are those of an earlier run, too: none of them was answered since. */
  joinTo(one: DeferredUser): DeferredUser {
    const joined = this.#joined(one.user, one.unanswered)
    return { ...one, unanswered: joined === null ? null : [...joined].toSorted((a, b) => a - b) }
  }

  #joined(user: string, more: DeferredUser['unanswered']): Set<number> | null {
    const columns = this.#columns.get(user)
    return columns === null || more === null ? null : new Set([...(columns ?? []), ...more])
  }
}
