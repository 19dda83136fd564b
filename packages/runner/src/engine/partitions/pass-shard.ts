/** The partitions one pass works on; there are `of` passes. */
export interface PassShard {
  readonly number: number
  readonly of: number
  /** Of these alone. Default: of all. */
  readonly only?: ReadonlySet<number> | undefined
}

/** Whether a partition belongs to a group. */
export function covers(partition: number, { number, of, only }: PassShard): boolean {
  return partition % of === number && only?.has(partition) !== false
}
