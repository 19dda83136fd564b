/** Answers are late from here on at the earliest, and at the latest, milliseconds. */
const LEAST_LATE_MS = 100
const MOST_LATE_MS = 1000
/** As many times what answers take. */
const TIMES = 2
/** Or as many times as far beyond that as they usually are. */
const DEVIATIONS = 4
/** What one window says of how long answers take, and of how far they are from that. */
const WEIGHT = 0.2
const GROWTH = 1.25

/**
 * How long the answers of windows take, and how evenly: from when one is late, so that nobody waits
 * for it who is not concerned. As a connection judges that a packet was lost (RFC 6298), by the mean
 * and the deviation from it, so that answers that come unevenly are not taken for late ones.
 */
export class AnswerTimes {
  /** Milliseconds; null before the first. */
  #usualMs: number | null = null
  #deviationMs = 0

  /** After how long an answer is late, milliseconds. */
  get lateMs(): number {
    if (this.#usualMs === null) return MOST_LATE_MS
    const even = this.#usualMs * TIMES
    const uneven = this.#usualMs + this.#deviationMs * DEVIATIONS
    return Math.min(MOST_LATE_MS, Math.max(LEAST_LATE_MS, even, uneven))
  }

  /** All answers of a window came in so many milliseconds after its last request left. */
  inTime(ms: number): void {
    if (this.#usualMs === null) {
      this.#usualMs = ms
      this.#deviationMs = ms / 2
      return
    }
    this.#deviationMs += (Math.abs(ms - this.#usualMs) - this.#deviationMs) * WEIGHT
    this.#usualMs += (ms - this.#usualMs) * WEIGHT
  }

  /** Some did not come in time: where all become slow, that is not late for long. */
  late(): void {
    if (this.#usualMs !== null) this.#usualMs = Math.min(MOST_LATE_MS, this.#usualMs * GROWTH)
  }
}
