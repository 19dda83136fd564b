/** What stands in the column of a partition where a record is of all of them, or of none. */
export const ALL_PARTITIONS = -1

/** What the column of a record holds. */
export function partitionIn({
  partition = ALL_PARTITIONS,
}: {
  readonly partition?: number
}): number {
  return partition
}

/** What a record says of its partition. @param column - as the table holds it */
export function partitionOf(column: number): { readonly partition?: number } {
  return column === ALL_PARTITIONS ? {} : { partition: column }
}

/** What the checksum of a position is made of beside its text: as it was while all were of all partitions. */
export function positionKey(source: string, partition: number): string {
  return partition === ALL_PARTITIONS ? source : `${source}\u0000${partition}`
}
