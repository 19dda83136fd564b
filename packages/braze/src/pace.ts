import type { Clock } from './clock.ts'
import { systemClock } from './clock.ts'
import { readRateWindow } from './rate-headers.ts'
import type { Headers } from './rate-headers.ts'

/** Lets requests leave no faster than Braze takes them; shared by all callers of one endpoint group. */
export interface Pace {
  /** Resolves when a request may leave; first come, first served. Rejects with the signal's reason when aborted. */
  enter(signal?: AbortSignal): Promise<void>
  /** Resolves when few wait to leave. */
  ready(): Promise<void>
  /** A request that entered is over; `headers` of its answer, if there was one. */
  leave(headers?: Headers): void
  /** Nobody leaves before this many milliseconds are over. */
  pause(ms: number): void
}

/** Options of `createPace`. */
export interface PaceOptions {
  /** Requests a second, above 0. */
  readonly requestsPerSecond: number
  readonly clock?: Clock
}

/** Share of a second that may leave at once, after a pause of the event loop. */
const BURST_SECONDS = 0.2
/** Timers are not finer than this, so that one wake-up lets several requests go. Milliseconds. */
const TICK_MS = 5
/** So many requests may wait to leave: more than one wake-up lets go at Braze's rate. */
const FEW = 16

interface Waiter {
  readonly go: () => void
  readonly signal: AbortSignal | undefined
  readonly stop: () => void
}

/**
 * Spaces requests evenly, never more in any second than configured (so never more than three seconds' worth in
 * Braze's window of 3 s, wherever it starts), and never more in Braze's own window than its headers say are left.
 *
 * Holds no timer while nobody waits.
 */
export function createPace({ requestsPerSecond, clock = systemClock }: PaceOptions): Pace {
  return new SharedPace(requestsPerSecond, clock)
}

class SharedPace implements Pace {
  readonly #clock: Clock
  readonly #perMs: number
  readonly #burst: number
  readonly #waiters = new Set<Waiter>()
  #ready: (() => void)[] = []
  /** When each of the last requests left, as a ring: the oldest is overwritten next. */
  readonly #left: Float64Array
  readonly #windowMs: number
  #next = 0
  #tokens: number
  #filledAt: number
  #pausedUntil = -Infinity
  #inFlight = 0
  #allowance = Infinity
  #allowanceUntil = -Infinity
  #cancel: (() => void) | null = null

  constructor(requestsPerSecond: number, clock: Clock) {
    const perWindow = Math.max(1, Math.floor(requestsPerSecond))
    this.#clock = clock
    this.#perMs = requestsPerSecond / 1000
    this.#windowMs = perWindow / this.#perMs
    this.#burst = Math.max(1, requestsPerSecond * BURST_SECONDS)
    this.#left = new Float64Array(perWindow).fill(-Infinity)
    this.#tokens = this.#burst
    this.#filledAt = clock.now()
  }

  enter(signal?: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      if (signal?.aborted === true) return reject(signal.reason as Error)
      const stop = () => {
        this.#waiters.delete(waiter)
        if (this.#waiters.size === 0) this.#sleep(null)
        this.#tellReady()
        reject(signal!.reason as Error)
      }
      const waiter: Waiter = { go: resolve, signal, stop }
      this.#waiters.add(waiter)
      signal?.addEventListener('abort', stop, { once: true })
      if (this.#waiters.size === 1) this.#release()
    })
  }

  async ready(): Promise<void> {
    if (this.#waiters.size >= FEW) await new Promise<void>((resolve) => this.#ready.push(resolve))
  }

  leave(headers?: Headers): void {
    this.#inFlight--
    if (headers === undefined) return
    const now = this.#clock.now()
    const window = readRateWindow(headers, now)
    if (window === null) return
    const left = Math.max(0, window.remaining - this.#inFlight)
    const isRunning = now < this.#allowanceUntil
    this.#allowance = isRunning ? Math.min(this.#allowance, left) : left
    this.#allowanceUntil = isRunning ? Math.min(this.#allowanceUntil, now + window.resetMs) : now + window.resetMs
    if (this.#waiters.size > 0) this.#release()
  }

  pause(ms: number): void {
    this.#pausedUntil = Math.max(this.#pausedUntil, this.#clock.now() + ms)
    if (this.#waiters.size > 0) this.#release()
  }

  /** Lets go whom it may, then sleeps until the next one may go. */
  #release(): void {
    for (const waiter of this.#waiters) {
      const waitMs = this.#waitMs()
      if (waitMs > 0) return this.#sleep(Math.max(TICK_MS, Math.ceil(waitMs)))
      this.#waiters.delete(waiter)
      waiter.signal?.removeEventListener('abort', waiter.stop)
      this.#takeOne()
      this.#tellReady()
      waiter.go()
    }
    this.#sleep(null)
  }

  #tellReady(): void {
    if (this.#ready.length === 0 || this.#waiters.size >= FEW) return
    const ready = this.#ready
    this.#ready = []
    for (const resolve of ready) resolve()
  }

  #takeOne(): void {
    this.#tokens -= 1
    this.#allowance -= 1
    this.#inFlight++
    this.#left[this.#next] = this.#clock.now()
    this.#next = (this.#next + 1) % this.#left.length
  }

  #waitMs(): number {
    const now = this.#clock.now()
    this.#tokens = Math.min(this.#burst, this.#tokens + Math.max(0, now - this.#filledAt) * this.#perMs)
    this.#filledAt = now
    if (now >= this.#allowanceUntil) this.#allowance = Infinity
    return Math.max(
      this.#pausedUntil - now,
      this.#allowance < 1 ? this.#allowanceUntil - now : 0,
      this.#left[this.#next] + this.#windowMs - now,
      (1 - this.#tokens) / this.#perMs,
      0,
    )
  }

  #sleep(ms: number | null): void {
    this.#cancel?.()
    this.#cancel =
      ms === null
        ? null
        : this.#clock.schedule(ms, () => {
            this.#cancel = null
            this.#release()
          })
  }
}
