/** The partitions one pass works on; there are `of` passes. */
export interface PassShard {
  readonly number: number
  readonly of: number
}

/** Whether a partition belongs to a group. */
export function covers(partition: number, group: PassShard): boolean {
  return partition % group.of === group.number
}
