import { HashIndex } from '../rows/hash/hash-index.ts'
import { grown } from '../rows/memory/grown.ts'

/**
 * The partitions of the users some aliases belong to, by the hash of the alias: about 17 bytes an
 * alias.
 *
 * What such an alias says is folded where its user is, so that both rows are in memory at once.
 */
export class AliasOwners {
  readonly #aliases = new HashIndex()
  #partitions = new Uint8Array(0)

  /** An alias belongs to a user of this partition. */
  set(low: number, high: number, partition: number): void {
    const entry = this.#aliases.findOrAdd(low, high)
    if (entry >= this.#partitions.length)
      this.#partitions = grown(this.#partitions, this.#aliases.low.length)
    this.#partitions[entry] = partition
  }

  /** The partition of the alias's user, or -1. */
  find(low: number, high: number): number {
    const entry = this.#aliases.find(low, high)
    return entry < 0 ? -1 : this.#partitions[entry]
  }

  get byteLength(): number {
    return this.#aliases.byteLength + this.#partitions.byteLength
  }
}
