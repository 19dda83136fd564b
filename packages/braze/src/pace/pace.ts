import type { Rate } from '../limits.ts'
import { systemClock } from '../time/index.ts'
import type { Clock } from '../time/index.ts'
import type { Headers } from '../transport/index.ts'
import { LeasedRate } from './leased-rate.ts'
import type { RateMember } from './leased-rate.ts'
import { readRateWindow } from './rate-headers.ts'
import { EvenRate, WindowRate } from './rate-limit.ts'
import type { RateLimit } from './rate-limit.ts'

/**
 * Lets requests leave no faster than Braze takes them; shared by all callers of one endpoint group.
 */
export interface Pace {
  /**
   * Resolves when a request may leave; first come, first served. Rejects with the signal's reason
   * when aborted.
   */
  enter(signal?: AbortSignal): Promise<void>
  /** Resolves when few wait to leave. */
  ready(): Promise<void>
  /** A request that entered is over; `headers` of its answer, if there was one. */
  leave(headers?: Headers): void
  /** Nobody leaves before this many milliseconds are over. */
  pause(ms: number): void
}

/**
 * Longest wait that Braze's headers may ask for, milliseconds: what is further away is nonsense, or
 * the next run's.
 */
export const MAX_ASKED_WAIT_MS = 300_000

/** Options of `createPace`. */
export interface PaceOptions extends Rate {
  readonly clock?: Clock
  /** Whom the limit is shared with, and its name among them. Default: nobody. */
  readonly shared?: RateMember & { readonly limit: string }
  /** Told when Braze asks for a wait of a second or more. */
  readonly onWait?: (waitMs: number) => void
}

/** Braze's limit opens later than anybody should wait here. */
export class LimitFarError extends Error {
  override name = 'LimitFarError'
  readonly waitMs: number

  constructor(waitMs: number) {
    super('the rate limit asks for too long a wait')
    this.waitMs = waitMs
  }
}

/** Timers are not finer than this, so that one wake-up lets several requests go. Milliseconds. */
const TICK_MS = 5
/** Shorter waits are told to nobody. Milliseconds. */
const TOLD_FROM_MS = 1000
/** So many requests may wait to leave: more than one wake-up lets go at Braze's rate. */
const FEW = 16

interface Waiter {
  readonly go: () => void
  readonly fail: (error: Error) => void
  readonly signal: AbortSignal | undefined
  readonly stop: () => void
}

/**
 * Never lets more requests go than configured, wherever Braze's windows begin, and never more in
 * Braze's own window than its headers say are left.
 *
 * Holds no timer while nobody waits. Those who would have to wait longer than `MAX_ASKED_WAIT_MS`
 * because of what an answer said are turned away with a `LimitFarError`.
 */
export function createPace(options: PaceOptions): Pace {
  const {
    requestsPerSecond,
    windowSeconds,
    clock = systemClock,
    shared,
    onWait = () => undefined,
  } = options
  const limit = limitOf({ requestsPerSecond, windowSeconds, shared, clock })
  return new SharedPace(limit, clock, onWait)
}

/** Shared, an even rate is kept in each second, too; of less than one, in as long as one takes. */
function limitOf({
  requestsPerSecond,
  windowSeconds,
  shared,
  clock,
}: PaceOptions & { readonly clock: Clock }): RateLimit {
  if (windowSeconds === undefined && shared === undefined) return new EvenRate(requestsPerSecond)
  const seconds = windowSeconds ?? Math.max(1, 1 / requestsPerSecond)
  const requests = Math.max(1, Math.floor(requestsPerSecond * seconds))
  return shared === undefined
    ? new WindowRate(requests, seconds * 1000)
    : new LeasedRate({ ...shared, requests, windowMs: seconds * 1000, clock })
}

class SharedPace implements Pace {
  readonly #clock: Clock
  readonly #limit: RateLimit
  readonly #onWait: (waitMs: number) => void
  readonly #waiters = new Set<Waiter>()
  #ready: (() => void)[] = []
  #pausedUntil = -Infinity
  #inFlight = 0
  #allowance = Infinity
  #allowanceUntil = -Infinity
  #cancel: (() => void) | null = null
  /** Until when the wait lasts that was told last. */
  #toldUntil = -Infinity

  constructor(limit: RateLimit, clock: Clock, onWait: (waitMs: number) => void) {
    this.#clock = clock
    this.#limit = limit
    this.#onWait = onWait
  }

  enter(signal?: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      if (signal?.aborted === true) return reject(signal.reason as Error)
      const stop = () => {
        this.#waiters.delete(waiter)
        if (this.#waiters.size === 0) this.#sleep(null)
        this.#tellReady()
        reject(signal?.reason as Error)
      }
      const waiter: Waiter = { go: resolve, fail: reject, signal, stop }
      this.#waiters.add(waiter)
      signal?.addEventListener('abort', stop, { once: true })
      if (this.#waiters.size === 1) this.#release()
    })
  }

  async ready(): Promise<void> {
    if (this.#waiters.size >= FEW) await new Promise<void>((resolve) => this.#ready.push(resolve))
  }

  leave(headers?: Headers): void {
    const now = this.#clock.now()
    this.#inFlight--
    this.#limit.over(now)
    if (headers !== undefined) this.#learn(headers, now)
    if (this.#waiters.size > 0) this.#release()
  }

  pause(ms: number): void {
    this.#pausedUntil = Math.max(this.#pausedUntil, this.#clock.now() + ms)
    if (this.#waiters.size > 0) this.#release()
  }

  /** Lets go whom it may, then sleeps until the next one may go. */
  #release(): void {
    for (const waiter of this.#waiters) {
      const askedMs = this.#askedMs()
      if (askedMs > MAX_ASKED_WAIT_MS) return this.#turnAway(askedMs)
      this.#tellWait(askedMs)
      const waitMs = Math.max(askedMs, this.#limit.waitMs(this.#clock.now()))
      if (waitMs > 0)
        return this.#sleep(waitMs === Infinity ? null : Math.max(TICK_MS, Math.ceil(waitMs)))
      this.#waiters.delete(waiter)
      waiter.signal?.removeEventListener('abort', waiter.stop)
      this.#takeOne()
      this.#tellReady()
      waiter.go()
    }
    this.#sleep(null)
  }

  #learn(headers: Headers, now: number): void {
    const window = readRateWindow(headers, this.#clock.wallTime())
    if (window === null) return
    const remaining = Math.max(0, window.remaining - this.#inFlight)
    const left = this.#limit.partOf?.(remaining, now) ?? remaining
    const isRunning = now < this.#allowanceUntil
    this.#allowance = isRunning ? Math.min(this.#allowance, left) : left
    this.#allowanceUntil = isRunning
      ? Math.min(this.#allowanceUntil, now + window.resetMs)
      : now + window.resetMs
  }

  #tellReady(): void {
    if (this.#ready.length === 0 || this.#waiters.size >= FEW) return
    const ready = this.#ready
    this.#ready = []
    for (const resolve of ready) resolve()
  }

  #takeOne(): void {
    this.#allowance -= 1
    this.#inFlight++
    this.#limit.leave(this.#clock.now())
  }

  /** How long Braze's answers ask to wait. */
  #askedMs(): number {
    const now = this.#clock.now()
    if (now >= this.#allowanceUntil) this.#allowance = Infinity
    return Math.max(
      this.#pausedUntil - now,
      this.#allowance < 1 ? this.#allowanceUntil - now : 0,
      0,
    )
  }

  #tellWait(askedMs: number): void {
    const until = this.#clock.now() + askedMs
    if (askedMs < TOLD_FROM_MS || until <= this.#toldUntil) return
    this.#toldUntil = until
    this.#onWait(askedMs)
  }

  #turnAway(askedMs: number): void {
    const waiters = [...this.#waiters]
    this.#waiters.clear()
    this.#sleep(null)
    for (const waiter of waiters) {
      waiter.signal?.removeEventListener('abort', waiter.stop)
      waiter.fail(new LimitFarError(askedMs))
    }
    this.#tellReady()
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
