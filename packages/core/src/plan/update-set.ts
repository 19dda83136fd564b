import { digestOfBytes } from '../rows/hash/digest.ts'

const FIRST_SIZE = 1024
const SEED = 0x5eed0005
const encoder = new TextEncoder()

/**
 * What some plan would say to the destination, part by part: an attribute's value, an event, a
 * membership, each of one user. Kept as digests of 64 bits, at most 16 bytes a part.
 */
export class UpdateSet {
  size = 0
  #low = new Uint32Array(FIRST_SIZE)
  #high = new Uint32Array(FIRST_SIZE)

  /** What it takes of memory. */
  get byteLength(): number {
    return this.#low.byteLength + this.#high.byteLength
  }

  /** @param user - who it is about, as one text */
  add(user: string, part: string): void {
    if (this.size * 2 >= this.#low.length) this.#grow()
    const { low, high } = digestOf(user, part)
    if (this.#insert(low, high)) this.size++
  }

  has(user: string, part: string): boolean {
    const { low, high } = digestOf(user, part)
    const at = this.#find(low, high)
    return this.#low[at] === low && this.#high[at] === high
  }

  /** Forgets all of it. */
  clear(): void {
    this.size = 0
    this.#low = new Uint32Array(FIRST_SIZE)
    this.#high = new Uint32Array(FIRST_SIZE)
  }

  /** Where a digest stands, or the free place it would take. */
  #find(low: number, high: number): number {
    const mask = this.#low.length - 1
    let at = low & mask
    while (this.#low[at] !== 0 || this.#high[at] !== 0) {
      if (this.#low[at] === low && this.#high[at] === high) break
      at = (at + 1) & mask
    }
    return at
  }

  #insert(low: number, high: number): boolean {
    const at = this.#find(low, high)
    const isNew = this.#low[at] === 0 && this.#high[at] === 0
    this.#low[at] = low
    this.#high[at] = high
    return isNew
  }

  #grow(): void {
    const [low, high] = [this.#low, this.#high]
    this.#low = new Uint32Array(low.length * 2)
    this.#high = new Uint32Array(low.length * 2)
    for (const [at, word] of low.entries()) {
      const other = high[at] ?? 0
      if (word !== 0 || other !== 0) this.#insert(word, other)
    }
  }
}

function digestOf(user: string, part: string): { readonly low: number; readonly high: number } {
  const { low, high } = digestOfBytes(encoder.encode(`${user}\u0000${part}`), SEED)
  // Both zero would be a free place.
  return low === 0 && high === 0 ? { low: 1, high } : { low: low >>> 0, high: high >>> 0 }
}
