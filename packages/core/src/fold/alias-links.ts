import { HashIndex } from '../rows/hash/hash-index.ts'
import { grown } from '../rows/memory/grown.ts'
import { partitionOfHash } from '../rows/hash/user-key.ts'
import type { Digest } from '../rows/hash/digest.ts'
import type { AliasOwners } from './alias-owners.ts'

/** Both halves of a user's hash. */
export type UserHash = Digest

/** A user some record names together with an alias. */
export interface LinkedUser extends UserHash {
  /** Event time of that record. */
  readonly time: number
}

/**
 * Whether a link counts before another of the same alias: the first in time does; then the one of
 * the smaller partition, then of the smaller hash, so that the order of the records does not
 * matter.
 */
export function isEarlierLink(one: LinkedUser, other: LinkedUser): boolean {
  if (one.time !== other.time) return one.time < other.time
  const difference = partitionOfHash(one.low) - partitionOfHash(other.low)
  if (difference !== 0) return difference < 0
  return one.high !== other.high ? one.high < other.high : one.low < other.low
}

const LINKED = 1
const SHARED = 2
/** A record names it alone. */
const NAMED = 4
/** The state has a row of it. */
const HELD = 8
const PROMOTED = 16

/**
 * What a first look at the records and at the state finds out about aliases, before any row is
 * folded. Some 40 bytes each.
 */
export class AliasLinks {
  readonly #aliases = new HashIndex()
  #flags = new Uint8Array(0)
  #userLow = new Uint32Array(0)
  #userHigh = new Uint32Array(0)
  #time = new Float64Array(0)

  /** A record names an alias together with a user. */
  link(alias: UserHash, user: LinkedUser): void {
    const entry = this.#entryOf(alias)
    if ((this.#flags[entry] & LINKED) !== 0) {
      const known = {
        low: this.#userLow[entry],
        high: this.#userHigh[entry],
        time: this.#time[entry],
      }
      if (known.low !== user.low || known.high !== user.high) this.#flags[entry] |= SHARED
      if (!isEarlierLink(user, known)) return
    }
    this.#flags[entry] |= LINKED
    this.#userLow[entry] = user.low
    this.#userHigh[entry] = user.high
    this.#time[entry] = user.time
  }

  /** A record names an alias alone. */
  name(alias: UserHash): void {
    const entry = this.#entryOf(alias)
    this.#flags[entry] |= NAMED
  }

  /**
   * The state has a row of an alias; of one that was promoted, the low half of its user's hash.
   * Others are left alone.
   */
  hold(alias: UserHash, promotedTo: number | null): void {
    const entry = this.#aliases.find(alias.low, alias.high)
    if (entry < 0) return
    this.#flags[entry] |= promotedTo === null ? HELD : PROMOTED
    if (promotedTo !== null) this.#userLow[entry] = promotedTo
  }

  /** The partitions of the aliases' own rows. */
  get partitions(): ReadonlySet<number> {
    const partitions = new Set<number>()
    for (let entry = 0; entry < this.#aliases.count; entry++)
      partitions.add(partitionOfHash(this.#aliases.low[entry]))
    return partitions
  }

  /**
   * Adds the aliases whose row will be merged into their user's; returns how many came with several
   * users.
   */
  addTo(owners: AliasOwners): number {
    let shared = 0
    for (let entry = 0; entry < this.#aliases.count; entry++) {
      const flags = this.#flags[entry]
      if ((flags & SHARED) !== 0) shared++
      const isMerged =
        (flags & PROMOTED) !== 0
          ? (flags & NAMED) !== 0
          : (flags & LINKED) !== 0 && (flags & (NAMED | HELD)) !== 0
      if (isMerged)
        owners.set(
          this.#aliases.low[entry],
          this.#aliases.high[entry],
          partitionOfHash(this.#userLow[entry]),
        )
    }
    return shared
  }

  get byteLength(): number {
    return (
      this.#aliases.byteLength +
      this.#flags.byteLength +
      this.#userLow.byteLength * 2 +
      this.#time.byteLength
    )
  }

  #entryOf({ low, high }: UserHash): number {
    const entry = this.#aliases.findOrAdd(low, high)
    if (entry >= this.#flags.length) {
      const size = this.#aliases.low.length
      this.#flags = grown(this.#flags, size)
      this.#userLow = grown(this.#userLow, size)
      this.#userHigh = grown(this.#userHigh, size)
      this.#time = grown(this.#time, size)
    }
    return entry
  }
}
