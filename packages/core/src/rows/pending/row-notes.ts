import { grown } from '../memory/grown.ts'

/**
 * Bits of `RowNotes.bits`: a record spoke of the row; something in it must be written though
 * nothing is sent; a value of it was refused; a record of the source being read spoke of it.
 */
export const TOUCHED = 1
export const DIRTY = 2
export const REFUSED = 4
export const SEEN_THIS_READ = 8
/**
 * What segments read changed both in records of a run that did not end and after them: their
 * verdicts are told again.
 */
export const DOUBTED = 16
/**
 * The three bits from here on hold which unconfirmed run's records changed it first, counted from
 * 1.
 */
export const UNCONFIRMED_RUN_SHIFT = 5

/** Rows of a block: what nothing is noted of is skipped a block at a time. */
const BLOCK_SHIFT = 6
const BLOCK_MASK = (1 << BLOCK_SHIFT) - 1

/**
 * What a window of work notes of rows: what it did to them, and whether the source being read spoke
 * of them.
 */
export class RowNotes {
  /** @internal A byte a row. */
  bits: Uint8Array
  /** The same, four rows at a time. */
  #fours: Uint32Array
  /** A byte a block: not 0 where something may be noted of one of its rows. */
  #blocks: Uint8Array

  /** @param rows - it covers at first */
  constructor(rows: number) {
    this.bits = new Uint8Array(wholeFours(rows))
    this.#fours = new Uint32Array(this.bits.buffer)
    this.#blocks = new Uint8Array(blocksOf(this.bits.length))
  }

  /** Makes it cover this many rows. */
  cover(rows: number): void {
    this.bits = grown(this.bits, wholeFours(rows))
    this.#fours = new Uint32Array(this.bits.buffer)
    this.#blocks = grown(this.#blocks, blocksOf(this.bits.length))
  }

  /** @internal Notes any of the bits above of a row. */
  note(row: number, bits: number): void {
    this.bits[row] |= bits
    this.#blocks[row >> BLOCK_SHIFT] = 1
  }

  /** Has a row looked at, as if a record spoke of it. */
  touch(row: number): void {
    this.note(row, TOUCHED)
  }

  isTouched(row: number): boolean {
    return (this.bits[row] & TOUCHED) !== 0
  }

  /** Has a row written though nothing is sent. */
  dirty(row: number): void {
    this.note(row, DIRTY)
  }

  isDirty(row: number): boolean {
    return (this.bits[row] & DIRTY) !== 0
  }

  /** A value of the row was refused by its mapping. */
  hasRefusal(row: number): boolean {
    return (this.bits[row] & REFUSED) !== 0
  }

  /** The source being read speaks of the row. */
  see(row: number): void {
    this.note(row, SEEN_THIS_READ)
  }

  isSeenThisRead(row: number): boolean {
    return (this.bits[row] & SEEN_THIS_READ) !== 0
  }

  /** Forgets which rows the source read so far spoke of. */
  startRead(): void {
    const { bits } = this
    for (let row = this.next(0); row >= 0; row = this.next(row + 1)) bits[row] &= ~SEEN_THIS_READ
  }

  /** What segments read of the row changed both in records of an unconfirmed run and after them. */
  isDoubted(row: number): boolean {
    return (this.bits[row] & DOUBTED) !== 0
  }

  /**
   * The first row from this one on of which anything is noted, or -1. In order of rows; skips the
   * others quickly.
   */
  next(from: number): number {
    const { bits } = this
    const fours = this.#fours
    const blocks = this.#blocks
    let row = from
    while (row < bits.length) {
      if (bits[row] !== 0) return row
      row++
      if ((row & 3) !== 0) continue
      while (row < bits.length)
        if ((row & BLOCK_MASK) === 0 && blocks[row >> BLOCK_SHIFT] === 0) row += BLOCK_MASK + 1
        else if (fours[row >> 2] === 0) row += 4
        else break
    }
    return -1
  }

  /** Forgets all that is noted of a row. */
  clear(row: number): void {
    this.bits[row] = 0
  }

  /** Forgets all that is noted of all rows. */
  clearAll(): void {
    for (let row = this.next(0); row >= 0; row = this.next(row + 1)) this.bits[row] = 0
    this.#blocks.fill(0)
  }
}

function wholeFours(rows: number): number {
  return (rows + 3) & ~3
}

function blocksOf(rows: number): number {
  return (rows + BLOCK_MASK) >> BLOCK_SHIFT
}
