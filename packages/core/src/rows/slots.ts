import { NOTHING } from './hash/digest.ts'
import type { Digest } from './hash/digest.ts'
import type { RowWords } from './row-words.ts'

/** What a slot holds: a digest and its event time, milliseconds. */
export interface Held extends Digest {
  readonly time: number
}

/**
 * Smallest step a time of this century moves by, milliseconds: a slot set back by it takes the very
 * value it holds once more, and still nothing older.
 */
const ONE_STEP_MS = 2 ** -12

/**
 * The slots of a partition's rows, by row and column: which value the destination holds, or is
 * about to, and as of which event.
 */
export class Slots {
  readonly #rows: RowWords

  constructor(rows: RowWords) {
    this.#rows = rows
  }

  /** The digest a slot holds; both halves zero when nobody wrote it. */
  digest(row: number, column: number): Digest {
    const { words } = this.#rows
    const at = this.#at(row, column)
    return { low: words[at], high: words[at + 1] }
  }

  /** Event time of what a slot holds, milliseconds; 0 when nobody wrote it. */
  time(row: number, column: number): number {
    return this.#rows.times[(this.#at(row, column) + 2) >> 1]
  }

  /** Both. */
  held(row: number, column: number): Held {
    const { words, times } = this.#rows
    const at = this.#at(row, column)
    return { low: words[at], high: words[at + 1], time: times[(at + 2) >> 1] }
  }

  /** Whether a slot holds the value of a digest. */
  holds(row: number, column: number, { low, high }: Digest): boolean {
    const { words } = this.#rows
    const at = this.#at(row, column)
    return words[at] === low && words[at + 1] === high
  }

  /** Whether nobody wrote a slot: of its user and mapping nothing was ever said. */
  isEmpty(row: number, column: number): boolean {
    return this.holds(row, column, NOTHING)
  }

  /** Writes digest and time. */
  write(row: number, column: number, held: Held): void {
    this.writeDigest(row, column, held)
    this.renew(row, column, held.time)
  }

  /** Writes another digest as of the same event. */
  writeDigest(row: number, column: number, { low, high }: Digest): void {
    const { words } = this.#rows
    const at = this.#at(row, column)
    words[at] = low
    words[at + 1] = high
  }

  /** The same value as of another event. @param time - milliseconds */
  renew(row: number, column: number, time: number): void {
    this.#rows.times[(this.#at(row, column) + 2) >> 1] = time
  }

  /** Lets the newest value of a slot be folded once more: it is as new as it was, less a step. */
  setBack(row: number, column: number): void {
    const { times } = this.#rows
    const at = (this.#at(row, column) + 2) >> 1
    if (times[at] > 0) times[at] -= ONE_STEP_MS
  }

  #at(row: number, column: number): number {
    const { layout } = this.#rows
    return row * layout.stride + layout.offsets[column]
  }
}
