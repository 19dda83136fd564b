import { isDeepStrictEqual } from 'node:util'
import type { Layout, OpenRows, Partition } from '@engage-sync/core'
import type { RowShelf } from '../request/index.ts'

/** Rows in memory, by partition. */
export class KeptRows implements RowShelf {
  readonly #rows = new Map<number, Partition>()

  get numbers(): readonly number[] {
    return [...this.#rows.keys()]
  }

  put({ partitions }: OpenRows): void {
    for (const open of partitions)
      if (open !== undefined) this.#rows.set(open.rows.number, open.rows)
  }

  /** Lets the rows of all others go: somebody else writes them from now on. */
  keepOnly(partitions: ReadonlySet<number>): void {
    for (const number of this.#rows.keys()) if (!partitions.has(number)) this.#rows.delete(number)
  }

  take(number: number, layout: Layout): Partition | null {
    const rows = this.#rows.get(number)
    this.#rows.delete(number)
    return rows !== undefined && isDeepStrictEqual(rows.layout.columns, layout.columns)
      ? rows
      : null
  }
}
