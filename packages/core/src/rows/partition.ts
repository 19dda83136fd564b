import { hashBytes, hashOut } from './hash.ts'
import type { Layout } from './layout.ts'

/** First byte of a stored identifier: what kind it is. */
export const EXTERNAL_ID = 0x65
export const ALIAS = 0x61

const SEEDS: Readonly<Record<number, number>> = { [EXTERNAL_ID]: 0x5eed0001, [ALIAS]: 0x5eed0002 }
const FIRST_CAPACITY = 16

/** A user's identifier as bytes: its kind and a span. An alias is `label NUL name`. */
export interface UserKey {
  readonly kind: typeof EXTERNAL_ID | typeof ALIAS
  readonly bytes: Uint8Array
  readonly start: number
  readonly end: number
}

/** Hashes a user identifier into `hashOut`; its low half chooses the partition. */
export function hashUser(kind: number, bytes: Uint8Array, start: number, end: number): void {
  hashBytes(bytes, start, end, SEEDS[kind])
}

/**
 * The rows of one partition, dense and in memory.
 *
 * One row per user, numbered from 0 in order of arrival, never moved. `words` and `times` are two views of the same
 * buffer, `layout.stride` 32-bit words a row. The identifiers stand one after another in `ids`.
 */
export class Partition {
  readonly number: number
  readonly layout: Layout
  rows = 0
  words: Uint32Array
  times: Float64Array
  hashLow: Uint32Array
  hashHigh: Uint32Array
  /** Byte offset of each row's identifier; `idAt[rows]` is the end of the last. */
  idAt: Uint32Array
  ids: Uint8Array
  /** Values kept as text, by `row * columns + column`; only for columns that need differences. */
  readonly kept = new Map<number, string>()
  /** Digests Braze refused, by `row * columns + column`. */
  readonly refused = new Map<number, readonly [low: number, high: number]>()
  #index: Int32Array

  constructor(number: number, layout: Layout) {
    this.number = number
    this.layout = layout
    const buffer = new ArrayBuffer(FIRST_CAPACITY * layout.stride * 4)
    this.words = new Uint32Array(buffer)
    this.times = new Float64Array(buffer)
    this.hashLow = new Uint32Array(FIRST_CAPACITY)
    this.hashHigh = new Uint32Array(FIRST_CAPACITY)
    this.idAt = new Uint32Array(FIRST_CAPACITY + 1)
    this.ids = new Uint8Array(FIRST_CAPACITY * 16)
    this.#index = new Int32Array(FIRST_CAPACITY * 2)
  }

  /** The row of a user already hashed into `low`/`high`, or -1. */
  find(low: number, high: number, key: UserKey): number {
    const mask = this.#index.length - 1
    for (let at = high & mask; ; at = (at + 1) & mask) {
      const row = this.#index[at] - 1
      if (row < 0) return -1
      if (this.hashHigh[row] === high && this.hashLow[row] === low && this.#isUser(row, key)) return row
    }
  }

  /** Appends a row for a user known to be new. */
  add(low: number, high: number, key: UserKey): number {
    if (this.rows === this.hashLow.length) this.reserve(Math.ceil(this.rows * 1.5))
    const row = this.rows++
    this.hashLow[row] = low
    this.hashHigh[row] = high
    this.#appendId(row, key)
    if (this.rows * 3 > this.#index.length * 2) this.#rebuildIndex(this.#index.length * 2)
    else this.#insert(row)
    return row
  }

  /** The row of a user, added when there is none. */
  findOrAdd(key: UserKey): number {
    hashUser(key.kind, key.bytes, key.start, key.end)
    const low = hashOut[0]
    const high = hashOut[1]
    const row = this.find(low, high, key)
    return row >= 0 ? row : this.add(low, high, key)
  }

  /** Makes room for this many rows. */
  reserve(rows: number): void {
    if (rows <= this.hashLow.length) return
    const words = new Uint32Array(rows * this.layout.stride)
    words.set(this.words.subarray(0, this.rows * this.layout.stride))
    this.words = words
    this.times = new Float64Array(words.buffer)
    this.hashLow = grown(this.hashLow, rows)
    this.hashHigh = grown(this.hashHigh, rows)
    this.idAt = grown(this.idAt, rows + 1)
    let size = this.#index.length
    while (rows * 3 > size * 2) size *= 2
    if (size !== this.#index.length) this.#rebuildIndex(size)
  }

  /** Kind byte of a row's identifier. */
  kindOf(row: number): number {
    return this.ids[this.idAt[row]]
  }

  /** A row's identifier as text, without its kind. */
  idText(row: number): string {
    return decoder.decode(this.ids.subarray(this.idAt[row] + 1, this.idAt[row + 1]))
  }

  /** Bytes this partition holds in memory. */
  get byteLength(): number {
    return this.words.byteLength + this.hashLow.byteLength * 2 + this.idAt.byteLength + this.ids.byteLength + this.#index.byteLength
  }

  /** Fills hashes and index after rows and identifiers were loaded in bulk. */
  rehash(): void {
    for (let row = 0; row < this.rows; row++) {
      const start = this.idAt[row]
      hashUser(this.ids[start], this.ids, start + 1, this.idAt[row + 1])
      this.hashLow[row] = hashOut[0]
      this.hashHigh[row] = hashOut[1]
    }
    let size = this.#index.length
    while (this.rows * 3 > size * 2) size *= 2
    this.#rebuildIndex(size)
  }

  #isUser(row: number, key: UserKey): boolean {
    const at = this.idAt[row]
    if (this.ids[at] !== key.kind || this.idAt[row + 1] - at - 1 !== key.end - key.start) return false
    for (let mine = at + 1, theirs = key.start; theirs < key.end; mine++, theirs++) {
      if (this.ids[mine] !== key.bytes[theirs]) return false
    }
    return true
  }

  #appendId(row: number, key: UserKey): void {
    const at = this.idAt[row]
    const end = at + 1 + key.end - key.start
    if (end > this.ids.length) this.ids = grown(this.ids, Math.max(end, Math.ceil(this.ids.length * 1.5)))
    this.ids[at] = key.kind
    for (let mine = at + 1, theirs = key.start; theirs < key.end; mine++, theirs++) this.ids[mine] = key.bytes[theirs]
    this.idAt[row + 1] = end
  }

  #insert(row: number): void {
    const mask = this.#index.length - 1
    let at = this.hashHigh[row] & mask
    while (this.#index[at] !== 0) at = (at + 1) & mask
    this.#index[at] = row + 1
  }

  #rebuildIndex(size: number): void {
    this.#index = new Int32Array(size)
    for (let row = 0; row < this.rows; row++) this.#insert(row)
  }
}

const decoder = new TextDecoder()

function grown<T extends Uint8Array | Uint32Array>(array: T, length: number): T {
  const larger = new (array.constructor as new (length: number) => T)(length)
  larger.set(array)
  return larger
}
