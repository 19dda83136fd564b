import { itemAt } from '@engage-sync/core'

/** Deterministic random numbers: the same seed gives the same numbers on every machine. */
export class Random {
  #state: number

  constructor(seed: number) {
    this.#state = mix(seed | 0)
  }

  /** A whole number below 2^32. */
  uint32(): number {
    this.#state = (this.#state + 0x9e3779b9) | 0
    return mix(this.#state) >>> 0
  }

  /** A number in [0, 1). */
  next(): number {
    return this.uint32() / 0x1_0000_0000
  }

  /** A whole number in [0, limit). */
  below(limit: number): number {
    return Math.floor(this.next() * limit)
  }

  /** True in this share of the cases. */
  chance(share: number): boolean {
    return this.next() < share
  }

  pick<T>(list: readonly T[]): T {
    return itemAt(list, this.below(list.length))
  }
}

/** One number of several, evenly spread: the same parts give the same number. */
export function hashOf(...parts: readonly number[]): number {
  let hash = 0x2545f491
  for (const part of parts) hash = mix(hash ^ mix(part | 0))
  return hash >>> 0
}

/** The finaliser of MurmurHash3 (public domain): every input bit reaches every output bit. */
function mix(value: number): number {
  let hash = value
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b)
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35)
  return hash ^ (hash >>> 16)
}
