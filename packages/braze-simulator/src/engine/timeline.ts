/** What is counted over time. */
export const SERIES = ['requests', 'objects', 'data_points', 'drops'] as const

/** One of `SERIES`. */
export type Series = (typeof SERIES)[number]

/** What happened in one stretch of time. */
export type Bucket = { readonly start: number } & Record<Series, number>

const MOST_BUCKETS = 120
const FIRST_WIDTH_MS = 1000

/**
 * Counts over time, since the simulator started.
 *
 * Shape: stretches of equal width, oldest first, none for a time in which nothing happened. The
 * width doubles, and neighbours are added up, whenever the whole would be more than 120 stretches
 * long.
 */
export class Timeline {
  widthMs = FIRST_WIDTH_MS
  #buckets: Bucket[] = []

  /** Adds to a count. @param at - milliseconds since the epoch */
  add(at: number, series: Series, amount: number): void {
    if (amount === 0) return
    this.#bucketAt(at)[series] += amount
    while (this.#length >= MOST_BUCKETS) this.#widen()
  }

  buckets(): readonly Bucket[] {
    return this.#buckets
  }

  /** In stretches, from the first to the latest; widening moves the first one's beginning. */
  get #length(): number {
    const [first, last] = [this.#buckets.at(0), this.#buckets.at(-1)]
    return first === undefined || last === undefined ? 0 : (last.start - first.start) / this.widthMs
  }

  /** A clock that went back counts into the latest stretch. */
  #bucketAt(at: number): Bucket {
    const start = Math.floor(at / this.widthMs) * this.widthMs
    const latest = this.#buckets.at(-1)
    if (latest !== undefined && latest.start >= start) return latest
    const bucket = { start, requests: 0, objects: 0, data_points: 0, drops: 0 }
    this.#buckets.push(bucket)
    return bucket
  }

  #widen(): void {
    this.widthMs *= 2
    const old = this.#buckets
    this.#buckets = []
    for (const bucket of old) {
      const into = this.#bucketAt(bucket.start)
      for (const series of SERIES) into[series] += bucket[series]
    }
  }
}
