/** The partitions one pass works on; there are `of` passes. */
export interface Group {
  readonly number: number
  readonly of: number
}

/** Whether a partition belongs to a group. */
export function isIn(partition: number, group: Group): boolean {
  return partition % group.of === group.number
}
