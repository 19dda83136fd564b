/** Upper bounds of a histogram, seconds. */
const BOUNDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60]

/** How often something took how long. */
export class Histogram {
  readonly bounds: readonly number[] = BOUNDS
  /** By bound, and one for what is above them all; not added up. */
  readonly counts: number[] = Array.from({ length: BOUNDS.length + 1 }, () => 0)
  /** Seconds. */
  sum = 0
  count = 0

  /** @param ms - milliseconds */
  add(ms: number): void {
    const seconds = ms / 1000
    const found = BOUNDS.findIndex((bound) => seconds <= bound)
    const at = found < 0 ? BOUNDS.length : found
    this.counts[at] = (this.counts[at] ?? 0) + 1
    this.sum += seconds
    this.count++
  }
}

/** What a front counted since it was opened, by source. No personal data. */
export interface SourceTally {
  /** Requests by status. */
  readonly requests: Map<number, number>
  /** Refused requests by code. */
  readonly refused: Map<string, number>
  /** Records that were kept. */
  records: number
  /** Of their lines. */
  bytes: number
  /** When the last record came, or counting began: milliseconds since the epoch. */
  lastCameMs: number
  /** From a request's beginning to its acknowledgement. */
  readonly acknowledged: Histogram
}

/** Nothing counted. @param nowMs - milliseconds since the epoch */
export function newTally(nowMs: number): SourceTally {
  return {
    requests: new Map(),
    refused: new Map(),
    records: 0,
    bytes: 0,
    lastCameMs: nowMs,
    acknowledged: new Histogram(),
  }
}

/** Counts one more. */
export function countIn<Key>(counts: Map<Key, number>, key: Key): void {
  counts.set(key, (counts.get(key) ?? 0) + 1)
}
