import { Cells } from './cells.ts'
import { Counts } from './counts.ts'
import type { Digest } from './hash/digest.ts'
import { grown, nextSize } from './memory/grown.ts'
import { hashOut } from './hash/murmur.ts'
import { HEAD_WORDS } from './layout.ts'
import type { Layout } from './layout.ts'
import { Origins } from './origins.ts'
import { RowFlags } from './row-flags.ts'
import { Slots } from './slots.ts'
import { hashUser } from './hash/user-key.ts'
import type { UserKey, UserKind } from './hash/user-key.ts'

const FIRST_CAPACITY = 64

/** The rows of a partition that are in memory when not all are. */
export interface StoredRows {
  /** Numbers in the log of the first rows; those behind them are new. */
  readonly rows: Uint32Array
  /** The number in the log of the next new row. */
  readonly end: number
}

/**
 * The rows of one partition, dense and in memory.
 *
 * One row per user, numbered from 0 in order of arrival, never moved. `words` and `times` are two
 * views of the same buffer, `layout.stride` 32-bit words a row. The identifiers stand one after
 * another in `ids`.
 */
export class Partition {
  readonly number: number
  readonly layout: Layout
  /** Of a partition that holds some rows alone, which; null when it holds them all. */
  readonly stored: StoredRows | null
  rows = 0
  /** @internal Rows from here on have never been written to the state. */
  durableRows = 0
  /** @internal */
  words: Uint32Array
  /** @internal */
  times: Float64Array
  /** @internal Byte offset of each row's identifier; `idAt[rows]` is the end of the last. */
  idAt: Uint32Array
  /** @internal */
  ids: Uint8Array
  /**
   * Values stored as text, not as their digest alone: of columns that need differences, and where
   * it is asked for.
   */
  readonly storedTexts: Cells<string>
  /** What the destination, or the mapping, refused: it is not tried again. */
  readonly refused: Cells<Digest>
  /** @internal Which run delivered what each place holds. */
  readonly origins = new Origins()
  readonly slots: Slots
  readonly flags: RowFlags
  readonly counts: Counts
  /**
   * Places by hash: pairs of row + 1 (0 for a free place) and the hash's high half, side by side in
   * one cache line.
   */
  #index: Uint32Array
  /** How many rows `idAt` and `words` have room for. */
  #capacity = FIRST_CAPACITY

  constructor(number: number, layout: Layout, stored: StoredRows | null = null) {
    this.number = number
    this.layout = layout
    this.stored = stored
    this.storedTexts = new Cells(layout.columns.length)
    this.refused = new Cells(layout.columns.length)
    this.slots = new Slots(this)
    this.flags = new RowFlags(this)
    this.counts = new Counts(this)
    const buffer = new ArrayBuffer(FIRST_CAPACITY * layout.stride * 4)
    this.words = new Uint32Array(buffer)
    this.times = new Float64Array(buffer)
    this.idAt = new Uint32Array(FIRST_CAPACITY + 1)
    this.ids = new Uint8Array(FIRST_CAPACITY * 16)
    this.#index = new Uint32Array(FIRST_CAPACITY * 4)
  }

  /** The number of a row in the log. */
  storedRow(row: number): number {
    if (this.stored === null) return row
    const { rows, end } = this.stored
    return row < rows.length ? rows[row] : end + row - rows.length
  }

  /** The row of a user whose hash has this high half, or -1. */
  find(high: number, key: UserKey): number {
    const index = this.#index
    const mask = index.length - 1
    for (let at = (high << 1) & mask; ; at = (at + 2) & mask) {
      const row = index[at] - 1
      if (row < 0) return -1
      if (index[at + 1] === high && this.#isUser(row, key)) return row
    }
  }

  /** Appends a row for a user known to be new. */
  add(high: number, key: UserKey): number {
    if (this.rows === this.#capacity) this.reserve(nextSize(this.rows))
    const row = this.rows++
    this.#appendId(row, key)
    if (this.rows * 3 > this.#index.length) this.#widenIndex(this.#index.length * 2)
    insert(this.#index, row, high)
    return row
  }

  /** The row of a user, added when there is none. */
  findOrAdd(key: UserKey): number {
    hashUser(key.kind, key.bytes, key.start, key.end)
    const high = hashOut[1]
    const row = this.find(high, key)
    return row >= 0 ? row : this.add(high, key)
  }

  /** The row of a user, or -1. */
  findKey(key: UserKey): number {
    hashUser(key.kind, key.bytes, key.start, key.end)
    return this.find(hashOut[1], key)
  }

  /** Makes room for this many rows. */
  reserve(rows: number): void {
    if (rows <= this.#capacity) return
    this.#capacity = rows
    this.words = grown(this.words, rows * this.layout.stride)
    this.times = new Float64Array(this.words.buffer)
    this.idAt = grown(this.idAt, rows + 1)
    this.#widenIndex(this.#sizeFor(rows))
  }

  /** What kind of identifier a row has. */
  kindOf(row: number): UserKind {
    return this.ids[this.idAt[row]] as UserKind
  }

  /** A row's identifier, as a view of what is stored. */
  keyOf(row: number): UserKey {
    return {
      kind: this.kindOf(row),
      bytes: this.ids,
      start: this.idAt[row] + 1,
      end: this.idAt[row + 1],
    }
  }

  /** A row's identifier as text, without its kind. */
  idText(row: number): string {
    return decoder.decode(this.ids.subarray(this.idAt[row] + 1, this.idAt[row + 1]))
  }

  /** Whether a column of a row holds nothing yet: every word is zero. */
  isBlank(row: number, column: number): boolean {
    const from = row * this.layout.stride + this.layout.offsets[column]
    const to = from + this.layout.wordsOf(column)
    for (let at = from; at < to; at++) if (this.words[at] !== 0) return false
    return true
  }

  /** What a column of a row holds, as numbers: to be compared, not to be read. */
  contents(row: number, column: number): readonly number[] {
    const from = row * this.layout.stride + this.layout.offsets[column]
    return [...this.words.subarray(from, from + this.layout.wordsOf(column))]
  }

  /** Empties a row but for its identifier, its head and what was refused. */
  clearColumns(row: number): void {
    const { stride } = this.layout
    this.words.fill(0, row * stride + HEAD_WORDS, (row + 1) * stride)
    this.storedTexts.clearRow(row)
  }

  /** The run that delivered what a slot holds; 0 when that is not known. */
  runOf(row: number, column: number): number {
    return this.origins.runOf(row * this.layout.columns.length + column)
  }

  /** This run delivered what a slot holds. */
  noteRun(row: number, column: number, run: number): void {
    this.origins.note(row * this.layout.columns.length + column, run)
  }

  /** Bytes this partition holds in memory. */
  get byteLength(): number {
    return (
      this.words.byteLength +
      this.idAt.byteLength +
      this.ids.byteLength +
      this.#index.byteLength +
      this.origins.byteLength
    )
  }

  /** @internal Fills the index after rows and identifiers were loaded in bulk. */
  rehash(): void {
    this.#index = new Uint32Array(this.#sizeFor(this.rows))
    for (let row = 0; row < this.rows; row++) {
      const start = this.idAt[row]
      hashUser(this.ids[start], this.ids, start + 1, this.idAt[row + 1])
      insert(this.#index, row, hashOut[1])
    }
  }

  #isUser(row: number, key: UserKey): boolean {
    const at = this.idAt[row]
    if (this.ids[at] !== key.kind || this.idAt[row + 1] - at - 1 !== key.end - key.start)
      return false
    for (let mine = at + 1, theirs = key.start; theirs < key.end; mine++, theirs++) {
      if (this.ids[mine] !== key.bytes[theirs]) return false
    }
    return true
  }

  #appendId(row: number, key: UserKey): void {
    const at = this.idAt[row]
    const end = at + 1 + key.end - key.start
    if (end > this.ids.length) this.ids = grown(this.ids, Math.max(end, nextSize(this.ids.length)))
    this.ids[at] = key.kind
    for (let mine = at + 1, theirs = key.start; theirs < key.end; mine++, theirs++)
      this.ids[mine] = key.bytes[theirs]
    this.idAt[row + 1] = end
  }

  /** Length of an index at most two thirds full with this many rows. */
  #sizeFor(rows: number): number {
    let size = this.#index.length
    while (rows * 3 > size) size *= 2
    return size
  }

  #widenIndex(size: number): void {
    const before = this.#index
    if (size === before.length) return
    this.#index = new Uint32Array(size)
    for (let at = 0; at < before.length; at += 2)
      if (before[at] !== 0) insert(this.#index, before[at] - 1, before[at + 1])
  }
}

function insert(index: Uint32Array, row: number, high: number): void {
  const mask = index.length - 1
  let at = (high << 1) & mask
  while (index[at] !== 0) at = (at + 2) & mask
  index[at] = row + 1
  index[at + 1] = high
}

const decoder = new TextDecoder()
