/**
 * What holds users: a request that fills, or one that left. Answering it lets all of them go at
 * once.
 */
export interface Holder {
  /** The request's id; null while it fills. */
  id: number | null
  isAnswered: boolean
}

/**
 * Users of one generation, at least. Answered ones leave with their generation, which costs less
 * than deleting each.
 */
const GENERATION = 32_768

/**
 * Which request holds a user last, until that request was answered.
 *
 * A user's next request names it as the one to wait for, so that no user is ever in two requests in
 * flight. Holds the users of unanswered requests, and some ten thousand others.
 */
export class UsersInFlight {
  #young = new Map<string, Holder>()
  #old = new Map<string, Holder>()
  readonly #unanswered = new Map<number, Holder>()
  #size = GENERATION

  /** The unanswered request that holds the user last, or null. */
  holder(key: string): Holder | null {
    const holder = this.#young.get(key) ?? this.#old.get(key)
    return holder === undefined || holder.isAnswered ? null : holder
  }

  /** The user goes into this request. */
  hold(key: string, holder: Holder): void {
    this.#young.set(key, holder)
    if (this.#young.size >= this.#size) this.#age()
  }

  /** The request is packed, under this id. */
  packed(holder: Holder, id: number): void {
    holder.id = id
    this.#unanswered.set(id, holder)
  }

  /** The request was answered, or will never be sent. */
  answered(id: number): void {
    const holder = this.#unanswered.get(id)
    if (holder === undefined) return
    holder.isAnswered = true
    this.#unanswered.delete(id)
  }

  #age(): void {
    const kept = new Map<string, Holder>()
    for (const [key, holder] of this.#old)
      if (!holder.isAnswered && !this.#young.has(key)) kept.set(key, holder)
    this.#old = this.#young
    this.#young = kept
    // Twice what had to be kept, so that keeping costs little for each user that comes.
    this.#size = Math.max(GENERATION, kept.size * 2)
  }
}
