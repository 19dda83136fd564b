import { itemAt } from '@engage-sync/contract'

/**
 * How many requests may be on their way to Braze, and when the next one may leave. Times are
 * milliseconds of one clock.
 */
export interface RateLimit {
  /**
   * Milliseconds until the next request may leave: 0 for now, Infinity for not before another one
   * is over.
   */
  waitMs(now: number): number
  /** A request leaves. */
  leave(now: number): void
  /** A request that left is over. */
  over(now: number): void
  /**
   * How many of those that Braze says are left may leave from here. Default: all of them.
   *
   * @param remaining - less what is in flight
   */
  partOf?(remaining: number, now: number): number
}

/** Share of a second that may leave at once, after a pause of the event loop. */
const BURST_SECONDS = 0.2

/**
 * Spaces requests evenly, and never lets more leave in any second than it is given; for rates below
 * 1, in any `1 / rate` seconds.
 */
export class EvenRate implements RateLimit {
  readonly #perMs: number
  readonly #burst: number
  /** When each of the last requests left, as a ring: the oldest is overwritten next. */
  readonly #left: Float64Array
  readonly #windowMs: number
  #next = 0
  #tokens: number
  #filledAt = -Infinity

  constructor(requestsPerSecond: number) {
    const perWindow = Math.max(1, Math.floor(requestsPerSecond))
    this.#perMs = requestsPerSecond / 1000
    this.#windowMs = perWindow / this.#perMs
    this.#burst = Math.max(1, requestsPerSecond * BURST_SECONDS)
    this.#left = new Float64Array(perWindow).fill(-Infinity)
    this.#tokens = this.#burst
  }

  waitMs(now: number): number {
    this.#tokens = Math.min(
      this.#burst,
      this.#tokens + Math.max(0, now - this.#filledAt) * this.#perMs,
    )
    this.#filledAt = now
    return Math.max(
      itemAt(this.#left, this.#next) + this.#windowMs - now,
      (1 - this.#tokens) / this.#perMs,
      0,
    )
  }

  leave(now: number): void {
    this.#tokens -= 1
    this.#left[this.#next] = now
    this.#next = (this.#next + 1) % this.#left.length
  }

  over(): void {}
}

/**
 * Lets requests leave as they come, so many in any window.
 *
 * Nobody knows when Braze's windows begin, nor how long a request travels. So one counts from when
 * it leaves until a whole window after it is over: wherever in between it arrived, no window at
 * Braze holds more than `requests`.
 */
export class WindowRate implements RateLimit {
  readonly #requests: number
  readonly #windowMs: number
  /**
   * When each request that still counts was over, as a ring: `#counted` of them from `#oldest` on.
   */
  readonly #overAt: Float64Array
  #oldest = 0
  #counted = 0
  #inFlight = 0

  constructor(requests: number, windowMs: number) {
    this.#requests = requests
    this.#windowMs = windowMs
    this.#overAt = new Float64Array(requests)
  }

  waitMs(now: number): number {
    return this.used(now) < this.#requests ? 0 : this.fewerInMs(now)
  }

  /** Milliseconds until fewer count; Infinity while those that count are all on their way. */
  fewerInMs(now: number): number {
    return this.#counted === 0 ? Infinity : this.#oldestCountsUntil - now
  }

  /** How many requests count now. */
  used(now: number): number {
    while (this.#counted > 0 && this.#oldestCountsUntil <= now) {
      this.#oldest = (this.#oldest + 1) % this.#requests
      this.#counted--
    }
    return this.#inFlight + this.#counted
  }

  get #oldestCountsUntil(): number {
    return itemAt(this.#overAt, this.#oldest) + this.#windowMs
  }

  leave(): void {
    this.#inFlight++
  }

  over(now: number): void {
    this.#inFlight--
    this.#overAt[(this.#oldest + this.#counted) % this.#requests] = now
    this.#counted++
  }
}
