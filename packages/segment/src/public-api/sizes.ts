import type { Audience } from './model.ts'

/** An audience's size on both sides. */
export interface SizeComparison {
  readonly key: string
  /** Members in Segment; null when Segment has no such audience or no count. */
  readonly segment: number | null
  /** Members known to be at the destination; null when nothing is known. */
  readonly destination: number | null
  /** Destination minus Segment; null when either is unknown. */
  readonly difference: number | null
}

/**
 * Put audience sizes in Segment beside those at the destination.
 *
 * Shape: one row per key of `members`, in its order. Segment counts profiles, the destination
 * users: a small difference is no mistake.
 */
export function compareSizes(
  audiences: readonly Audience[],
  members: ReadonlyMap<string, number | null>,
): readonly SizeComparison[] {
  const sizes = new Map(audiences.map(({ key, size }) => [key, size]))
  return [...members].map(([key, destination]) => {
    const segment = sizes.get(key) ?? null
    return {
      key,
      segment,
      destination,
      difference: segment === null || destination === null ? null : destination - segment,
    }
  })
}
