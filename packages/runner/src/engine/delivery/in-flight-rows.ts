import type { RowInFlight } from './row-in-flight.ts'

/** Rows share an array up to so many references. */
const BLOCK = 1024

interface Block {
  readonly rows: (RowInFlight | undefined)[]
  /** Rows that were not deleted. */
  left: number
}

/**
 * The rows on their way, by the reference of their update: numbers that count up.
 *
 * No `Map` by reference: whenever one outgrows its table, the table it leaves behind names the rows
 * of that moment, and keeps them from being collected until it is. In a first load that was some 50
 * MB.
 */
export class InFlightRows {
  readonly #blocks = new Map<number, Block>()
  #next = 0

  /** Takes a row in; returns its reference. */
  add(flight: RowInFlight): number {
    const ref = this.#next++
    const number = Math.floor(ref / BLOCK)
    let block = this.#blocks.get(number)
    if (block === undefined) {
      block = { rows: [], left: 0 }
      this.#blocks.set(number, block)
    }
    block.rows.push(flight)
    block.left++
    return ref
  }

  /** The row of a reference; undefined once it was deleted. */
  get(ref: number): RowInFlight | undefined {
    return this.#blocks.get(Math.floor(ref / BLOCK))?.rows[ref % BLOCK]
  }

  delete(ref: number): void {
    const number = Math.floor(ref / BLOCK)
    const block = this.#blocks.get(number)
    if (block?.rows[ref % BLOCK] === undefined) return
    block.rows[ref % BLOCK] = undefined
    if (--block.left === 0 && block.rows.length === BLOCK) this.#blocks.delete(number)
  }

  /** Every row that is left, in order. */
  all(): readonly RowInFlight[] {
    return [...this.#blocks.values()].flatMap(({ rows }) =>
      rows.filter((flight) => flight !== undefined),
    )
  }

  /** Every row that is left, in order; forgets them. Later references are new ones. */
  takeAll(): readonly RowInFlight[] {
    const all = this.all()
    this.#blocks.clear()
    this.#next = Math.ceil(this.#next / BLOCK) * BLOCK
    return all
  }
}
