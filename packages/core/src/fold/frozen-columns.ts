/**
 * Columns of rows that stay as they are, whatever records say of them: what comes of them waits.
 * Operands of filters are none of them, so that conditions see what came.
 */
export interface FrozenColumns {
  /** Those of a row; null for none. */
  of(partition: number, row: number): ReadonlySet<number> | null
}
