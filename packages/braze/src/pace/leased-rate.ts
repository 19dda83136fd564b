import type { Clock } from '../time/index.ts'
import { WindowRate } from './rate-limit.ts'
import type { RateLimit } from './rate-limit.ts'
import { renewShare } from './shares.ts'
import type { RateBook } from './shares.ts'

/** Where several processes keep who may use how much of each limit. */
export interface RateLedger {
  /**
   * Changes the book of a limit, one process after another.
   *
   * @param limit - name of the endpoint group
   * @param work - pure; may be asked again with what somebody else wrote meanwhile. Instants are
   *   milliseconds of one clock that all processes share
   * @throws when the book cannot be reached
   */
  change<Result>(
    limit: string,
    work: (book: RateBook, nowMs: number) => { readonly book: RateBook; readonly result: Result },
  ): Promise<Result>
}

/** One process among those that share the limits of a workspace. */
export interface RateMember {
  readonly ledger: RateLedger
  /** Its own name, of this one life: after a restart it is another. */
  readonly worker: string
  /** From then on it asks for nothing more. */
  readonly signal: AbortSignal
}

/** Options of a leased rate. */
export interface LeasedRateOptions extends RateMember {
  /** Name of the endpoint group. */
  readonly limit: string
  /** In a window, of all processes together. */
  readonly requests: number
  readonly windowMs: number
  readonly clock: Clock
}

/** How often it asks while it sends. */
const RENEW_MS = 250
/** How long a share is good that was not renewed. */
const TTL_MS = 3000
/** A request that left at the very end is over, or was never read, this much later. */
const TRAVEL_MS = 2000
/** After this without a request it asks no more, and what it had lapses. */
const IDLE_MS = 5000
/** Waiting ends at the latest after this, to see whether there is more. */
const LOOK_MS = 25
/** Wanted beyond what was used, so that a little more finds room at once. */
const HEADROOM = 1.25

/**
 * A part of a limit that several processes share: what this one has is its own, and counts as in
 * `WindowRate`, so that all together never let more into any window than the limit.
 *
 * It asks for its part while it sends, four times a second; who wants more gets what others do not
 * use. What is given back is not used any more before that is written down. Without an answer for
 * three seconds nothing leaves.
 */
export class LeasedRate implements RateLimit {
  readonly #options: LeasedRateOptions
  readonly #window: WindowRate
  #target = 0
  #granted = 0
  #validUntil = -Infinity
  /** Most that were in use since it asked last. */
  #peak = 0
  /** When somebody had to wait last, and when something left. */
  #hungryAt = -Infinity
  #activeAt = -Infinity
  #askedAt = -Infinity
  #isAsking = false
  #isScheduled = false

  constructor(options: LeasedRateOptions) {
    this.#options = options
    this.#window = new WindowRate(options.requests, options.windowMs)
  }

  waitMs(now: number): number {
    this.#activeAt = now
    const mayUse = now < this.#validUntil ? this.#target : 0
    const mayGo = this.#window.used(now) < mayUse
    if (!mayGo) this.#hungryAt = now
    this.#ask(now)
    return mayGo ? 0 : Math.min(LOOK_MS, Math.max(1, this.#window.fewerInMs(now)))
  }

  leave(now: number): void {
    this.#activeAt = now
    this.#window.leave()
    this.#peak = Math.max(this.#peak, this.#window.used(now))
  }

  over(now: number): void {
    this.#window.over(now)
  }

  /** Of what Braze says is left for all: everything, unless that is less than is known to be ours. */
  partOf(remaining: number, now: number): number {
    const unused = this.#target - this.#window.used(now)
    if (remaining >= unused) return remaining
    return Math.floor((remaining * this.#granted) / this.#options.requests)
  }

  /** Asks now, where it asks not yet. */
  #ask(now: number): void {
    const { signal } = this.#options
    if (this.#isAsking || signal.aborted) return
    if (this.#isScheduled || now - this.#askedAt < RENEW_MS) return
    this.#isAsking = true
    this.#askedAt = now
    void this.#renew(now).finally(() => {
      this.#isAsking = false
      this.#askLater()
    })
  }

  #askLater(): void {
    const { clock, signal } = this.#options
    if (this.#isScheduled || signal.aborted || clock.now() - this.#activeAt > IDLE_MS) return
    this.#isScheduled = true
    const stop = () => cancel()
    const cancel = clock.schedule(RENEW_MS, () => {
      signal.removeEventListener('abort', stop)
      this.#isScheduled = false
      this.#ask(clock.now())
    })
    signal.addEventListener('abort', stop, { once: true })
  }

  /** What could not be asked is asked again; what was given before stays good until it lapses. */
  async #renew(now: number): Promise<void> {
    const { ledger, limit, worker, requests: total, windowMs } = this.#options
    const used = this.#window.used(now)
    const isHungry = now - this.#hungryAt < 2 * RENEW_MS
    const wanted = isHungry ? total : Math.ceil(Math.max(used, this.#peak) * HEADROOM)
    this.#peak = used
    const asked = {
      worker,
      total,
      held: now < this.#validUntil ? Math.max(this.#target, used) : used,
      wanted,
      ttlMs: TTL_MS,
      countsMs: windowMs + TRAVEL_MS,
    }
    try {
      const given = await ledger.change(limit, (before, nowMs) => {
        const { book, given: result } = renewShare(before, asked, nowMs)
        return { book, result }
      })
      this.#target = given.target
      this.#granted = given.granted
      this.#validUntil = now + TTL_MS
    } catch {
      // The ledger may be gone for a while.
    }
  }
}
