import type { Digest } from '../hash/digest.ts'
import type { Partition } from '../partition.ts'
import { PENDING_EVENT } from './pending-flags.ts'
import { PendingPool } from './pending-pool.ts'
import type { Held } from '../slots.ts'
import type { UserKey } from '../hash/user-key.ts'

/** A row in its partition. */
export interface RowPlace {
  readonly open: OpenPartition
  readonly row: number
}

/** One partition being worked on: its rows, and what is pending in them. */
export class OpenPartition {
  readonly rows: Partition
  readonly pending = new PendingPool()
  /** Rows from here on are new in this run, or window. */
  loadedRows: number
  /** @internal Places (`row * columns + column`) whose refused digest must be written. */
  readonly refusedDirty: number[] = []
  /**
   * Rows that learnt something and have nothing to send; they become durable at the end, in a
   * snapshot where that is less to write.
   */
  readonly unwritten: number[] = []

  constructor(rows: Partition) {
    this.rows = rows
    this.loadedRows = rows.durableRows
    this.pending.ensureRow(rows.rows)
  }

  /** Rows from here on have never been written to the state, whatever window touched them. */
  get durableRows(): number {
    return this.rows.durableRows
  }

  set durableRows(rows: number) {
    this.rows.durableRows = rows
  }

  /**
   * Forgets what is pending: it is delivered, or no concern of the next window. Rows that were
   * written are not new any more.
   */
  startWindow(): void {
    this.pending.reset()
    this.pending.ensureRow(this.rows.rows)
    this.loadedRows = this.durableRows
  }

  /** The row of a user, added where there is none. */
  findOrAdd(key: UserKey): number {
    const row = this.rows.findOrAdd(key)
    this.pending.ensureRow(row)
    return row
  }

  /** The entry of a row's slot, added where there is none: it remembers what the slot holds. */
  entryFor(row: number, column: number): number {
    const found = this.pending.find(row, column)
    return found >= 0 ? found : this.pending.add(row, column, this.rows.slots.held(row, column))
  }

  /** Whether a slot ended with the value it held before. */
  isUndone(row: number, entry: number): boolean {
    const { beforeLow, beforeHigh } = this.pending
    const { words, layout } = this.rows
    const at = row * layout.stride + layout.offsets[this.pending.column[entry]]
    return words[at] === beforeLow[entry] && words[at + 1] === beforeHigh[entry]
  }

  /**
   * Has a text sent for a slot; what the slot holds is for the caller to write, after this. Returns
   * the entry.
   */
  propose(row: number, column: number, bytes: Uint8Array): number {
    const entry = this.entryFor(row, column)
    this.pending.setText(entry, bytes)
    this.pending.turn(entry, 'propose')
    return entry
  }

  /**
   * The entry of a row's event slot, added where there is none. @param before - what it counts as
   * having held. Default: what it holds
   */
  eventEntryFor(row: number, column: number, before?: Held): number {
    const { pending } = this
    const found = pending.find(row, column)
    if (found >= 0) return found
    const entry = pending.add(row, column, before ?? this.rows.slots.held(row, column))
    pending.flags[entry] = PENDING_EVENT
    return entry
  }

  /**
   * Gives a slot what it held before, and has nothing sent for it: a later run finds the change
   * anew.
   */
  defer(row: number, entry: number): void {
    const { pending, rows } = this
    rows.slots.write(row, pending.columnOf(entry), pending.before(entry))
    pending.turn(entry, 'defer')
  }

  /**
   * Takes back that a change was deferred: the slot holds again what was folded, and it is to be
   * sent.
   */
  retake(row: number, entry: number, folded: Held): void {
    const { pending, rows } = this
    rows.slots.write(row, pending.columnOf(entry), folded)
    pending.turn(entry, 'propose')
  }

  /** Gives a slot the value it held before; the one it holds is not tried again. */
  refuse(row: number, entry: number): void {
    const { pending, rows } = this
    const column = pending.columnOf(entry)
    rows.refused.set(row, column, rows.slots.digest(row, column))
    rows.slots.writeDigest(row, column, pending.before(entry))
    pending.turn(entry, 'refuse')
  }

  /** What its mapping refused is not tried again; becomes durable with the row, or at the end. */
  noteRefused(row: number, column: number, digest: Digest): void {
    this.rows.refused.set(row, column, digest)
    this.#noteRefusal(row, column)
  }

  /** What was refused may be tried again. */
  forgetRefused(row: number, column: number): void {
    this.rows.refused.delete(row, column)
    this.#noteRefusal(row, column)
  }

  /** What was refused of some slots may be tried again. */
  forgetRefusedWhere(isWanted: (row: number, column: number) => boolean): void {
    for (const [row, column] of this.rows.refused.deleteWhere(isWanted))
      this.#noteRefusal(row, column)
  }

  /**
   * Slots whose refusals changed since the last call and are still to be written, as `[row,
   * column]`.
   */
  takeRefusals(): readonly (readonly [row: number, column: number])[] {
    const width = this.rows.layout.columns.length
    const places = this.refusedDirty.splice(0)
    return places.map((place) => [Math.floor(place / width), place % width])
  }

  #noteRefusal(row: number, column: number): void {
    this.refusedDirty.push(row * this.rows.layout.columns.length + column)
  }
}
