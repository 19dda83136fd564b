import { grown, nextSize } from '../rows/grown.ts'

/** Bits of `PendingPool.flags`. */
export const PENDING_EVENT = 1
/** Nothing is sent for this entry; the row only remembers it. */
export const PENDING_SILENT = 2
/** A run that did not end may have sent another value for it, so this one is sent even if nothing changed since. */
export const PENDING_DOUBT = 4

const FIRST_ENTRIES = 64
const FIRST_BYTES = 1024

/**
 * What a partition has folded and not delivered yet: per row a chain of entries, one per slot.
 *
 * An entry remembers what the slot held when it was last durable (`before…`), so that a failure or refusal can put it
 * back, and where the value to send stands in the arena. Event slots hang a chain of candidates on their entry.
 * Dense typed arrays; freed as a whole after the partition is delivered.
 */
export class PendingPool {
  count = 0
  next = new Int32Array(FIRST_ENTRIES)
  column = new Uint16Array(FIRST_ENTRIES)
  flags = new Uint8Array(FIRST_ENTRIES)
  beforeLow = new Uint32Array(FIRST_ENTRIES)
  beforeHigh = new Uint32Array(FIRST_ENTRIES)
  beforeTime = new Float64Array(FIRST_ENTRIES)
  /** Arena offset of the value to send; for event slots the first candidate, or -1. */
  value = new Int32Array(FIRST_ENTRIES)
  length = new Int32Array(FIRST_ENTRIES)
  /** First entry of each row, or -1. */
  head = new Int32Array(FIRST_ENTRIES).fill(-1)
  /** Bits by row: what this run did to it, and whether the source being read spoke of it. */
  touched = new Uint8Array(FIRST_ENTRIES)
  readonly arena = new Arena()
  readonly candidates = new CandidatePool()

  /** The entry of a row's slot, or -1. */
  find(row: number, column: number): number {
    if (row >= this.head.length) return -1
    for (let entry = this.head[row]; entry >= 0; entry = this.next[entry]) {
      if (this.column[entry] === column) return entry
    }
    return -1
  }

  /** Adds an entry for a row's slot, remembering what it held. */
  add(row: number, column: number, before: { low: number; high: number; time: number }): number {
    this.ensureRow(row)
    if (this.count === this.next.length) this.#grow()
    const entry = this.count++
    this.next[entry] = this.head[row]
    this.head[row] = entry
    this.column[entry] = column
    this.flags[entry] = 0
    this.beforeLow[entry] = before.low
    this.beforeHigh[entry] = before.high
    this.beforeTime[entry] = before.time
    this.value[entry] = -1
    this.length[entry] = 0
    return entry
  }

  /** Makes `head` and `touched` cover this row. */
  ensureRow(row: number): void {
    if (row < this.head.length) return
    const size = Math.max(row + 1, nextSize(this.head.length))
    const before = this.head.length
    this.head = grown(this.head, size).fill(-1, before)
    this.touched = grown(this.touched, size)
  }

  /** Bytes held. */
  get byteLength(): number {
    return this.next.length * 31 + this.head.length * 5 + this.arena.bytes.length + this.candidates.byteLength
  }

  #grow(): void {
    const size = nextSize(this.next.length)
    this.next = grown(this.next, size)
    this.column = grown(this.column, size)
    this.flags = grown(this.flags, size)
    this.beforeLow = grown(this.beforeLow, size)
    this.beforeHigh = grown(this.beforeHigh, size)
    this.beforeTime = grown(this.beforeTime, size)
    this.value = grown(this.value, size)
    this.length = grown(this.length, size)
  }
}

/** Values that wait for an event slot: each a time, a digest, and its text in the arena. */
export class CandidatePool {
  count = 0
  next = new Int32Array(FIRST_ENTRIES)
  time = new Float64Array(FIRST_ENTRIES)
  low = new Uint32Array(FIRST_ENTRIES)
  high = new Uint32Array(FIRST_ENTRIES)
  value = new Int32Array(FIRST_ENTRIES)
  length = new Int32Array(FIRST_ENTRIES)
  /** 1 for history: older than the mapping's birth; an entry has at most one. */
  history = new Uint8Array(FIRST_ENTRIES)

  /** Adds one in front of a chain; returns its number. */
  add(next: number): number {
    if (this.count === this.next.length) this.#grow()
    const candidate = this.count++
    this.next[candidate] = next
    return candidate
  }

  get byteLength(): number {
    return this.next.length * 29
  }

  #grow(): void {
    const size = nextSize(this.next.length)
    this.next = grown(this.next, size)
    this.time = grown(this.time, size)
    this.low = grown(this.low, size)
    this.high = grown(this.high, size)
    this.value = grown(this.value, size)
    this.length = grown(this.length, size)
    this.history = grown(this.history, size)
  }
}

/** Canonical value texts, one after another. */
export class Arena {
  bytes = new Uint8Array(FIRST_BYTES)
  length = 0

  /** Copies a span in; returns its offset. */
  add(source: Uint8Array, start: number, end: number): number {
    const at = this.length
    const needed = at + end - start
    const isOwn = source === this.bytes
    if (needed > this.bytes.length) this.bytes = grown(this.bytes, Math.max(needed, nextSize(this.bytes.length)))
    const target = this.bytes
    const bytes = isOwn ? target : source
    for (let to = at, from = start; from < end; to++, from++) target[to] = bytes[from]
    this.length = needed
    return at
  }

  /** The text at an offset. */
  text(at: number, length: number): string {
    return decoder.decode(this.bytes.subarray(at, at + length))
  }
}

const decoder = new TextDecoder()
