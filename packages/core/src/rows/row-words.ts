import type { Layout } from './layout.ts'

/**
 * The bytes of a partition's rows: `layout.stride` 32-bit words a row, and the same memory as
 * times. Both move when rows are added.
 */
export interface RowWords {
  readonly layout: Layout
  readonly words: Uint32Array
  readonly times: Float64Array
}
