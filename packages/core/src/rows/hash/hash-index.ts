import { grown, nextSize } from '../memory/grown.ts'

const FIRST_ENTRIES = 64

/** Entries by a 64-bit hash, numbered from 0 in order of arrival; about 16 bytes each. */
export class HashIndex {
  count = 0
  /** Hashes by entry, in halves. */
  low = new Uint32Array(FIRST_ENTRIES)
  high = new Uint32Array(FIRST_ENTRIES)
  /** Entry + 1 by place, 0 for a free one; at most two thirds full. */
  #places = new Int32Array(FIRST_ENTRIES * 2)

  /** The entry of a hash, or -1. */
  find(low: number, high: number): number {
    const mask = this.#places.length - 1
    for (let at = high & mask; ; at = (at + 1) & mask) {
      const entry = this.#places[at] - 1
      if (entry < 0 || (this.low[entry] === low && this.high[entry] === high)) return entry
    }
  }

  /** The entry of a hash, added when there is none. */
  findOrAdd(low: number, high: number): number {
    const found = this.find(low, high)
    if (found >= 0) return found
    if (this.count === this.low.length) {
      this.low = grown(this.low, nextSize(this.count))
      this.high = grown(this.high, this.low.length)
    }
    const entry = this.count++
    this.low[entry] = low
    this.high[entry] = high
    if (this.count * 3 > this.#places.length * 2) this.#widen()
    else this.#insert(entry)
    return entry
  }

  get byteLength(): number {
    return this.low.byteLength * 2 + this.#places.byteLength
  }

  #widen(): void {
    this.#places = new Int32Array(this.#places.length * 2)
    for (let entry = 0; entry < this.count; entry++) this.#insert(entry)
  }

  #insert(entry: number): void {
    const mask = this.#places.length - 1
    let at = this.high[entry] & mask
    while (this.#places[at] !== 0) at = (at + 1) & mask
    this.#places[at] = entry + 1
  }
}
