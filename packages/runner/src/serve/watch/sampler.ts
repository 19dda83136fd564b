/** Records that are looked at a second, of all that are watched; twice as many of those asked for. */
const MOST_A_SECOND = 10

/** Chooses the records that are looked at, so that watching costs little however many come. */
export class Sampler {
  readonly #now: () => number
  #second = 0
  #looked = 0

  /** @param now - milliseconds since the epoch */
  constructor(now: () => number) {
    this.#now = now
  }

  /**
   * A record somebody wants, as text; null for one that is left out.
   *
   * @param users - whom each viewer asks for; null asks for all, of which some are taken
   */
  take(bytes: Uint8Array, users: readonly (string | null)[]): string | null {
    const second = Math.floor(this.#now() / 1000)
    if (second !== this.#second) [this.#second, this.#looked] = [second, 0]
    const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)
    const isWanted = users.some((user) =>
      user === null
        ? this.#looked < MOST_A_SECOND
        : this.#looked < 2 * MOST_A_SECOND && buffer.includes(user),
    )
    if (!isWanted) return null
    this.#looked++
    return buffer.toString('utf8')
  }
}
