import { Arena } from './arena.ts'
import { CandidatePool } from './candidate-pool.ts'
import type { PendingEvent } from './candidate-pool.ts'
import type { Digest } from '../hash/digest.ts'
import { grown, nextSize } from '../memory/grown.ts'
import { RowNotes } from './row-notes.ts'
import {
  ENDED_FLAGS,
  FLAG_BITS,
  LIFE_SHIFT,
  PENDING_DOUBT,
  PENDING_EVENT,
} from './pending-flags.ts'
import { lifeOf, turnLife } from './slot-life.ts'
import type { SlotLife, SlotTurn } from './slot-life.ts'
import type { Held } from '../slots.ts'

export type { PendingEvent }

const FIRST_ENTRIES = 64
/** Room for more entries than this is given back between two windows. */
const KEPT_ENTRIES = 16_384

/**
 * What a window of work has folded into a partition and not delivered yet: per row a chain of
 * entries, one per slot.
 *
 * An entry remembers what the slot held when it was last durable (`before…`), so that a failure or
 * refusal can put it back, and where the value to send stands in the arena. Event slots hang a
 * chain of candidates on their entry. Dense typed arrays; freed as a whole after the partition is
 * delivered.
 */
export class PendingPool {
  /** @internal */
  count = 0
  /** @internal */
  next = new Int32Array(FIRST_ENTRIES)
  /** @internal */
  column = new Uint16Array(FIRST_ENTRIES)
  /** @internal */
  flags = new Uint8Array(FIRST_ENTRIES)
  /** @internal */
  beforeLow = new Uint32Array(FIRST_ENTRIES)
  /** @internal */
  beforeHigh = new Uint32Array(FIRST_ENTRIES)
  /** @internal */
  beforeTime = new Float64Array(FIRST_ENTRIES)
  /** @internal Arena offset of the value to send; for event slots the first candidate, or -1. */
  value = new Int32Array(FIRST_ENTRIES)
  /** @internal */
  length = new Int32Array(FIRST_ENTRIES)
  /** @internal First entry of each row, or -1. */
  head = new Int32Array(FIRST_ENTRIES).fill(-1)
  readonly notes = new RowNotes(FIRST_ENTRIES)
  /** @internal */
  readonly arena = new Arena()
  /** @internal */
  readonly candidates = new CandidatePool()

  /** The entry of a row's slot, or -1. */
  find(row: number, column: number): number {
    if (row >= this.head.length) return -1
    for (let entry = this.head[row]; entry >= 0; entry = this.next[entry]) {
      if (this.column[entry] === column) return entry
    }
    return -1
  }

  /** The first entry of a row, or -1; `after` gives the others. */
  first(row: number): number {
    return row < this.head.length ? this.head[row] : -1
  }

  /** The next entry of the same row, or -1. */
  after(entry: number): number {
    return this.next[entry]
  }

  /** Adds an entry for a row's slot, remembering what it held. */
  add(row: number, column: number, before: Held): number {
    this.ensureRow(row)
    if (this.count === this.next.length) this.#resize(nextSize(this.count))
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

  /** Number of the column an entry is of. */
  columnOf(entry: number): number {
    return this.column[entry]
  }

  isEvent(entry: number): boolean {
    return (this.flags[entry] & PENDING_EVENT) !== 0
  }

  /** Something is to be sent of it. */
  isOpen(entry: number): boolean {
    return this.flags[entry] < ENDED_FLAGS
  }

  /** Where its change stands. */
  lifeOf(entry: number): SlotLife {
    return lifeOf(this.flags[entry] >> LIFE_SHIFT)
  }

  /**
   * Something happens to its change.
   *
   * @throws {SyncError} `INTERNAL` for what cannot happen to it, by the table of `slot-life.ts`
   */
  turn(entry: number, turn: SlotTurn): void {
    const flags = this.flags[entry]
    this.flags[entry] = (flags & FLAG_BITS) | (turnLife(flags >> LIFE_SHIFT, turn) << LIFE_SHIFT)
  }

  /** A run that did not end may have sent another value for it. */
  isInDoubt(entry: number): boolean {
    return (this.flags[entry] & PENDING_DOUBT) !== 0
  }

  /** Has it sent even if nothing changed since. */
  doubt(entry: number): void {
    this.flags[entry] |= PENDING_DOUBT
  }

  /** What its slot held when it was last durable. */
  before(entry: number): Held {
    return {
      low: this.beforeLow[entry],
      high: this.beforeHigh[entry],
      time: this.beforeTime[entry],
    }
  }

  /** Whether its slot held the value of a digest. */
  heldBefore(entry: number, { low, high }: Digest): boolean {
    return this.beforeLow[entry] === low && this.beforeHigh[entry] === high
  }

  /** Takes another digest for what its slot held. */
  setBefore(entry: number, { low, high }: Digest): void {
    this.beforeLow[entry] = low
    this.beforeHigh[entry] = high
  }

  /** Takes something else for what its slot held. */
  advance(entry: number, held: Held): void {
    this.setBefore(entry, held)
    this.beforeTime[entry] = held.time
  }

  /** Gives it the canonical text to send. */
  setText(entry: number, bytes: Uint8Array): void {
    this.value[entry] = this.arena.add(bytes, 0, bytes.length)
    this.length[entry] = bytes.length
  }

  /** The canonical text to send; of entries that are no events. */
  text(entry: number): string {
    return this.arena.text(this.value[entry], this.length[entry])
  }

  /** Bytes of that text. */
  lengthOf(entry: number): number {
    return this.length[entry]
  }

  /** First byte of that text: it tells what kind of JSON value it is. */
  firstByte(entry: number): number {
    return this.arena.bytes[this.value[entry]]
  }

  /** The byte after it; that of another text where it has but one. */
  secondByte(entry: number): number {
    return this.arena.bytes[this.value[entry] + 1]
  }

  /** Adds an event to an entry of events; returns its number. */
  addEvent(
    entry: number,
    event: Held & { readonly isHistory: boolean },
    bytes: Uint8Array,
  ): number {
    const { candidates } = this
    const candidate = candidates.add(this.value[entry])
    this.value[entry] = candidate
    candidates.time[candidate] = event.time
    candidates.low[candidate] = event.low
    candidates.high[candidate] = event.high
    candidates.history[candidate] = event.isHistory ? 1 : 0
    candidates.value[candidate] = this.arena.add(bytes, 0, bytes.length)
    candidates.length[candidate] = bytes.length
    return candidate
  }

  /** Takes all events off an entry of events: others count instead. */
  dropEvents(entry: number): void {
    this.value[entry] = -1
    this.flags[entry] = PENDING_EVENT
  }

  /**
   * Takes the events up to a time off an entry of events: they are delivered, or overtaken by one
   * that is.
   */
  dropEventsUpTo(entry: number, time: number): void {
    const { candidates } = this
    let before = -1
    for (let each = this.value[entry]; each >= 0; each = candidates.next[each]) {
      if (candidates.time[each] > time) before = each
      else if (before >= 0) candidates.next[before] = candidates.next[each]
      else this.value[entry] = candidates.next[each]
    }
  }

  /** The events of an entry, the last added first. */
  eventsOf(entry: number): PendingEvent[] {
    const events: PendingEvent[] = []
    for (
      let candidate = this.value[entry];
      candidate >= 0;
      candidate = this.candidates.next[candidate]
    )
      events.push(this.event(candidate))
    return events
  }

  /** An event by its number. */
  event(candidate: number): PendingEvent {
    return this.candidates.event(candidate)
  }

  /** A copy of the bytes of an event's value: the pool's own move as it grows. */
  eventBytes(candidate: number): Uint8Array {
    const start = this.candidates.value[candidate]
    return this.arena.bytes.slice(start, start + this.candidates.length[candidate])
  }

  /** The canonical text of an event's value. */
  eventText(candidate: number): string {
    return this.arena.text(this.candidates.value[candidate], this.candidates.length[candidate])
  }

  /** Has nothing done of a row. */
  forgetRow(row: number): void {
    this.head[row] = -1
    this.notes.clear(row)
  }

  /** Makes `head` and the notes cover this row. */
  ensureRow(row: number): void {
    if (row < this.head.length) return
    const size = Math.max(row + 1, nextSize(this.head.length))
    const before = this.head.length
    this.head = grown(this.head, size).fill(-1, before)
    this.notes.cover(size)
  }

  /** Forgets everything; keeps its room, unless that is much more than most windows need. */
  reset(): void {
    const { notes, head } = this
    for (let row = notes.next(0); row >= 0; row = notes.next(row + 1)) head[row] = -1
    notes.clearAll()
    this.count = 0
    this.arena.reset()
    this.candidates.reset()
    if (this.next.length > KEPT_ENTRIES) this.#resize(FIRST_ENTRIES)
  }

  /** Bytes held. */
  get byteLength(): number {
    return (
      this.next.length * 31 +
      this.head.length * 5 +
      this.arena.bytes.length +
      this.candidates.byteLength
    )
  }

  #resize(size: number): void {
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
