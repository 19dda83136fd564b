import type { Layout, OpenRows, Partition } from '@engage-sync/core'

/**
 * Rows that stay in memory from one who worked on them to the next, in one process, while nobody
 * else may write them: they are what the state holds, and nothing is pending in them.
 */
export interface RowShelf {
  /** Partitions whose rows are here. */
  readonly numbers: readonly number[]
  /** Takes the rows of all that are open: whoever has them works on them no more. */
  put(rows: OpenRows): void
  /** The rows of a partition, which are not here any more then; null where they must be read. */
  take(number: number, layout: Layout): Partition | null
}
