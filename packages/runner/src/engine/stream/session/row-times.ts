const BLOCK_SHIFT = 8
const BLOCK_ROWS = 1 << BLOCK_SHIFT
/** Room beyond what is needed, so that rows that come one by one do not grow it each. */
const SPARE = 1.25

/**
 * When each row of a partition is due, milliseconds since the epoch; Infinity for never.
 *
 * Rows stand in blocks with a lower bound each, so that those that are due are found without looking
 * at all.
 */
export class RowTimes {
  #times: Float64Array
  #bounds: Float64Array

  /** @param times - of the rows so far */
  constructor(times: Float64Array = new Float64Array(0)) {
    this.#times = times
    this.#bounds = new Float64Array(blocksOf(times.length)).fill(Infinity)
    for (let block = 0; block < this.#bounds.length; block++) this.#bound(block)
  }

  /** No row is due before. */
  get least(): number {
    let least = Infinity
    for (const bound of this.#bounds) if (bound < least) least = bound
    return least
  }

  /** A row is due then, and no more when it was. */
  set(row: number, time: number): void {
    if (row >= this.#times.length) this.#grow(row + 1)
    this.#times[row] = time
    const block = row >> BLOCK_SHIFT
    if (time < (this.#bounds[block] ?? Infinity)) this.#bounds[block] = time
  }

  /** The rows that are due by an instant; they are never due then, until they are set anew. */
  takeDue(nowMs: number): readonly number[] {
    const due: number[] = []
    for (const [block, bound] of this.#bounds.entries()) {
      if (bound > nowMs) continue
      const from = block << BLOCK_SHIFT
      for (const [index, time] of this.#rowsOf(block).entries()) {
        if (time > nowMs) continue
        this.#times[from + index] = Infinity
        due.push(from + index)
      }
      this.#bound(block)
    }
    return due
  }

  #bound(block: number): void {
    let least = Infinity
    for (const time of this.#rowsOf(block)) if (time < least) least = time
    this.#bounds[block] = least
  }

  #rowsOf(block: number): Float64Array {
    const from = block << BLOCK_SHIFT
    return this.#times.subarray(from, from + BLOCK_ROWS)
  }

  #grow(rows: number): void {
    const times = new Float64Array(Math.ceil(rows * SPARE)).fill(Infinity)
    times.set(this.#times)
    const bounds = new Float64Array(blocksOf(times.length)).fill(Infinity)
    bounds.set(this.#bounds)
    this.#times = times
    this.#bounds = bounds
  }
}

function blocksOf(rows: number): number {
  return Math.ceil(rows / BLOCK_ROWS)
}
