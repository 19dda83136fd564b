/** The partitions one pass works on; there are `of` passes. */
export interface Group {
  readonly number: number
  readonly of: number
}

/** Everything in one pass. */
export const WHOLE: Group = { number: 0, of: 1 }

/** Whether a partition belongs to a group. */
export function isIn(partition: number, group: Group): boolean {
  return partition % group.of === group.number
}
