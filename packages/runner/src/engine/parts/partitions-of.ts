import { PARTITIONS } from '@engage-sync/core'

/** One of the parts of a run. */
export interface Seat {
  /** From 1. */
  readonly number: number
  /** How many parts there are. */
  readonly of: number
}

/**
 * The partitions of a part: an even share of neighbours, so that each of several passes of it has
 * some of them.
 */
export function partitionsOf({ number, of }: Seat): ReadonlySet<number> {
  const from = Math.floor((PARTITIONS * (number - 1)) / of)
  const to = Math.floor((PARTITIONS * number) / of)
  return new Set(Array.from({ length: to - from }, (_, at) => from + at))
}
