import type { DecodedRow, IdentityRule } from '@engage-sync/contract'
import { hashOut } from '../rows/hash/murmur.ts'
import type { OpenRows } from '../rows/pending/open-rows.ts'
import {
  ALIAS,
  EXTERNAL_ID,
  hashUser,
  partitionOfHash,
  userName,
  userText,
} from '../rows/hash/user-key.ts'
import type { UserKey } from '../rows/hash/user-key.ts'
import type { UserHash } from './alias-links.ts'
import type { AliasOwners } from './alias-owners.ts'

const encoder = new TextEncoder()

const NO_LABEL = new Uint8Array(0)

type Mutable<T> = { -readonly [K in keyof T]: T[K] }

/** Instead of a partition: the record names no user this run works on. */
export const NO_USER = -1
/** Instead of a partition: the user belongs to a partition another pass folds. */
export const OTHER_PASS = -2

/** Instead of a partition: something of the user is under way, so the record waits. */
export const HELD = -3

/** Rows whose users' records wait. */
export interface HeldRows {
  has(partition: number, row: number): boolean
}

/** An external id and an alias that stand in one record. */
export interface Link {
  readonly identity: number
  /** Where the external id's row is. */
  readonly partition: number
  /** -1 where somebody else works on it. */
  readonly row: number
  /** The external id, where somebody else works on it. */
  readonly externalId: string | null
  /** Hash of the external id. */
  readonly user: UserHash
  /** The alias as `label NUL name`. */
  readonly alias: string
  /** Event time of the record. */
  readonly time: number
}

/** Finds, or adds, the row of each identity a record carries. Reused from record to record. */
export class UserFinder {
  /** By identity: partition of the user, `NO_USER`, `OTHER_PASS` or `HELD`. */
  readonly partitions: Int32Array
  /** By identity: row in that partition. */
  readonly rows: Int32Array
  /** Partition to open before the record can be folded, or -1. */
  missing = -1
  /** Folds only users of these partitions; null folds all. */
  only: Uint8Array | null = null
  /**
   * With `only`: aliases that are folded where their user is; null when every alias stands for
   * itself.
   */
  owners: AliasOwners | null = null
  /** Folds only these users, by the text of their identifier; null folds all. */
  onlyUsers: ReadonlySet<string> | null = null
  /** Rows nothing is folded into; null for none. */
  held: HeldRows | null = null
  /** Told of records that carry both identifiers; null when no identity promotes aliases. */
  onLink: ((link: Link) => void) | null = null
  readonly #open: OpenRows
  /** Empty where there is no alias, and so none is found. */
  readonly #labels: readonly Uint8Array[]
  readonly #external: Mutable<UserKey> = {
    kind: EXTERNAL_ID,
    bytes: new Uint8Array(0),
    start: 0,
    end: 0,
  }
  /** By identity: hash of the identifier of its row, in halves. */
  readonly #low: Uint32Array
  readonly #high: Uint32Array
  readonly #alias: Mutable<UserKey> = { kind: ALIAS, bytes: new Uint8Array(0), start: 0, end: 0 }
  #scratch = new Uint8Array(256)

  constructor(identities: readonly IdentityRule[], open: OpenRows) {
    this.partitions = new Int32Array(identities.length)
    this.rows = new Int32Array(identities.length)
    this.#low = new Uint32Array(identities.length)
    this.#high = new Uint32Array(identities.length)
    this.#open = open
    this.#labels = identities.map(({ alias }) =>
      alias === null ? NO_LABEL : encoder.encode(`${alias.label}\u0000`),
    )
  }

  /** Finds the row of every identity. False when `missing` must be opened first. */
  find(row: DecodedRow): boolean {
    for (let identity = 0; identity < this.rows.length; identity++) {
      const key = this.keyOf(row, identity)
      if (key === null) this.partitions[identity] = NO_USER
      else if (!this.#place(identity, key)) return false
    }
    if (this.onLink !== null) this.#tellLinks(row, this.onLink)
    return true
  }

  /**
   * The identifier a record gives for an identity: the external id, else the alias; null when it
   * has neither.
   */
  keyOf(row: DecodedRow, identity: number): UserKey | null {
    if (row.externalIdStart[identity] < 0) return this.aliasOf(row, identity)
    return this.#externalOf(row, identity)
  }

  #externalOf(row: DecodedRow, identity: number): UserKey {
    const key = this.#external
    key.bytes = row.bytes
    key.start = row.externalIdStart[identity]
    key.end = row.externalIdEnd[identity]
    return key
  }

  #place(identity: number, key: UserKey): boolean {
    hashUser(key.kind, key.bytes, key.start, key.end)
    const number = partitionOfHash(hashOut[0])
    const high = hashOut[1]
    this.#low[identity] = hashOut[0]
    this.#high[identity] = high
    this.partitions[identity] = number
    if (!this.isWanted(key)) this.partitions[identity] = NO_USER
    else if (this.only !== null && this.only[this.#ownerOf(key.kind, identity)] === 0)
      this.partitions[identity] = OTHER_PASS
    if (this.partitions[identity] < 0) return true
    const open = this.#open.partitions[number]
    if (open === undefined) {
      this.missing = number
      return false
    }
    let found = open.rows.find(high, key)
    if (found < 0) {
      found = open.rows.add(high, key)
      open.pending.ensureRow(found)
    }
    this.rows[identity] = found
    if (this.held?.has(number, found) === true) this.partitions[identity] = HELD
    return true
  }

  /** Whether the record that was found last waits, for some identity at least. */
  get isHeld(): boolean {
    return this.held !== null && this.partitions.includes(HELD)
  }

  /** Whether the records of a user wait, whatever they say. */
  holds(key: UserKey): boolean {
    if (this.held === null) return false
    hashUser(key.kind, key.bytes, key.start, key.end)
    const number = partitionOfHash(hashOut[0])
    const row = this.#open.partitions[number]?.rows.find(hashOut[1], key) ?? -1
    return row >= 0 && this.held.has(number, row)
  }

  /** The partition whose pass folds what a record says of an identity. */
  #ownerOf(kind: number, identity: number): number {
    const owner =
      kind === ALIAS && this.owners !== null
        ? this.owners.find(this.#low[identity], this.#high[identity])
        : -1
    return owner >= 0 ? owner : partitionOfHash(this.#low[identity])
  }

  /** Whether this run works on a user. */
  isWanted(key: UserKey): boolean {
    return this.onlyUsers === null || this.onlyUsers.has(userName(userText(key)))
  }

  /** The alias a record gives for an identity, whatever else it gives; null when it has none. */
  aliasOf(row: DecodedRow, identity: number): UserKey | null {
    return row.aliasStart[identity] < 0 ? null : this.#aliasKey(row, identity)
  }

  #aliasKey(row: DecodedRow, identity: number): UserKey {
    const label = this.#labels[identity]
    const length = label.length + row.aliasEnd[identity] - row.aliasStart[identity]
    if (length > this.#scratch.length) this.#scratch = new Uint8Array(length * 2)
    this.#scratch.set(label)
    this.#scratch.set(
      row.bytes.subarray(row.aliasStart[identity], row.aliasEnd[identity]),
      label.length,
    )
    this.#alias.bytes = this.#scratch
    this.#alias.end = length
    return this.#alias
  }

  #tellLinks(row: DecodedRow, onLink: (link: Link) => void): void {
    for (let identity = 0; identity < this.rows.length; identity++) {
      const isElsewhere = this.partitions[identity] === OTHER_PASS && this.owners === null
      if (
        row.externalIdStart[identity] < 0 ||
        row.aliasStart[identity] < 0 ||
        (this.partitions[identity] < 0 && !isElsewhere)
      )
        continue
      const key = this.#aliasKey(row, identity)
      if (this.only !== null && !this.#isMergedHere(key, this.only)) continue
      const user = { low: this.#low[identity], high: this.#high[identity] }
      onLink({
        identity,
        partition: partitionOfHash(user.low),
        row: isElsewhere ? -1 : this.rows[identity],
        externalId: isElsewhere ? userText(this.#externalOf(row, identity)) : null,
        user,
        alias: userText(key),
        time: row.time,
      })
    }
  }

  /**
   * Of several passes: whether this one merges the alias's row into its user's. Where each alias
   * stands for itself, whoever has its row sees to that.
   */
  #isMergedHere({ kind, bytes, start, end }: UserKey, only: Uint8Array): boolean {
    hashUser(kind, bytes, start, end)
    const [low, high] = hashOut
    const owner = this.owners === null ? partitionOfHash(low) : this.owners.find(low, high)
    return owner >= 0 && only[owner] !== 0
  }
}
