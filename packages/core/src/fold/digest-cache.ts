const SIZE = 4096

/**
 * Remembers, for values whose encoded text differs from their source text, which digest follows
 * from which.
 *
 * A direct-mapped table: a collision forgets the older pair, never answers wrongly, since the whole
 * 64 bits of the source digest are compared.
 */
export class DigestCache {
  #low: Uint32Array | null = null
  #high = new Uint32Array(0)
  #toLow = new Uint32Array(0)
  #toHigh = new Uint32Array(0)
  /** Result of the last successful `find`. */
  low = 0
  high = 0

  /** Whether the encoded digest of a source digest is known; it is left in `low` and `high`. */
  find(low: number, high: number): boolean {
    if (this.#low === null) return false
    const at = low & (SIZE - 1)
    if (this.#low[at] !== low || this.#high[at] !== high) return false
    this.low = this.#toLow[at]
    this.high = this.#toHigh[at]
    return true
  }

  set(low: number, high: number, toLow: number, toHigh: number): void {
    if (this.#low === null) {
      this.#low = new Uint32Array(SIZE)
      this.#high = new Uint32Array(SIZE)
      this.#toLow = new Uint32Array(SIZE)
      this.#toHigh = new Uint32Array(SIZE)
    }
    const at = low & (SIZE - 1)
    this.#low[at] = low
    this.#high[at] = high
    this.#toLow[at] = toLow
    this.#toHigh[at] = toHigh
  }
}
