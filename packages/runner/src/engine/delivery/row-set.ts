import type { OpenPartition, RowPlace } from '@engage-sync/core'

/** Rows, each once. A first load has all of them in it: numbers, no texts. */
export class RowSet {
  readonly #rows = new Map<OpenPartition, Set<number>>()

  add({ open, row }: RowPlace): void {
    const rows = this.#rows.get(open)
    if (rows === undefined) this.#rows.set(open, new Set([row]))
    else rows.add(row)
  }

  has({ open, row }: RowPlace): boolean {
    return this.#rows.get(open)?.has(row) === true
  }

  get isEmpty(): boolean {
    return this.#rows.size === 0
  }
}
