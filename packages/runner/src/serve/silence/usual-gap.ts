const HOUR_MS = 3_600_000
/** Hours that are remembered: a week, so that nights and weekends are among them. */
const MOST_HOURS = 7 * 24
/** Fewer hours, or fewer records in them, say nothing of what is usual. */
const LEAST_HOURS = 24
const LEAST_RECORDS = 100
/** Of the hours, so many were at most as quiet as usual: the rest may have been trouble. */
const USUAL_SHARE = 0.9
/** So many times the usual is silence, and nothing below this, milliseconds. */
const TIMES = 10
const LEAST_SILENCE_MS = 300_000

/** One hour of a source. */
export interface QuietHour {
  /** The longest that nothing came, up to some moment of it, milliseconds. */
  readonly longestMs: number
  /** Records that came. */
  readonly records: number
}

/** How long nothing came to a source, and how long is usual. Times are milliseconds since the epoch. */
export class UsualGap {
  readonly #hours: QuietHour[]
  #startedMs: number
  #longestMs = 0
  /** Records of all hours before this one, as the source counts them. */
  #recordsBefore: number
  #records: number

  /**
   * @param hours - what was learnt before, oldest first
   * @param from - when counting begins, and how many records were counted by then
   */
  constructor(
    hours: readonly QuietHour[],
    from: { readonly nowMs: number; readonly records: number },
  ) {
    this.#hours = hours.slice(-MOST_HOURS)
    this.#startedMs = from.nowMs
    this.#recordsBefore = from.records
    this.#records = from.records
  }

  /** The hours that are over, oldest first. */
  get hours(): readonly QuietHour[] {
    return this.#hours
  }

  /**
   * Looks at the source; often, so that no gap is missed. True where an hour is over.
   *
   * @param records - that came since it is counted
   */
  look(quietMs: number, records: number, nowMs: number): boolean {
    this.#longestMs = Math.max(this.#longestMs, quietMs)
    this.#records = records
    if (nowMs - this.#startedMs < HOUR_MS) return false
    this.#hours.push({ longestMs: this.#longestMs, records: records - this.#recordsBefore })
    if (this.#hours.length > MOST_HOURS) this.#hours.shift()
    this.#startedMs = nowMs
    this.#recordsBefore = records
    this.#longestMs = 0
    return true
  }

  /** How long is silence, milliseconds; null as long as that is not known. */
  get limitMs(): number | null {
    const hours = this.#hours
    const known = hours.reduce((sum, each) => sum + each.records, 0)
    const records = known + this.#records - this.#recordsBefore
    if (hours.length < LEAST_HOURS || records < LEAST_RECORDS) return null
    const sorted = hours.map(({ longestMs }) => longestMs).toSorted((a, b) => a - b)
    const usual = sorted[Math.ceil(sorted.length * USUAL_SHARE) - 1] ?? 0
    return Math.max(LEAST_SILENCE_MS, TIMES * usual)
  }
}
