import { LIMITS } from './limits.ts'
import { readReset } from './retry.ts'

/** Lets requests leave no faster than Braze takes them; shared by all callers of one workspace. */
export interface Pace {
  /** Resolves when a request may leave; first come, first served. Rejects with the signal's reason when aborted. */
  enter(signal?: AbortSignal): Promise<void>
  /** Learns from an answer's rate-limit headers. */
  learn(headers: Readonly<Record<string, string | undefined>>): void
  /** Nobody leaves before this many milliseconds are over. */
  pause(ms: number): void
}

/** Options of `createPace`. */
export interface PaceOptions {
  /** Requests a second; a number is obeyed. Null: what the live headers allow, up to 1,000. */
  readonly requestsPerSecond: number | null
  /** Milliseconds since the epoch. */
  readonly now?: () => number
  readonly sleep?: (ms: number, signal?: AbortSignal) => Promise<void>
}

/** Ticks of the burst: a tenth of Braze's window, so that no window ever sees more than its share. */
const TICK_MS = 100

/**
 * Spaces requests evenly in ticks of 100 ms, and stops until the reset when the headers say that nothing is left.
 */
export function createPace(options: PaceOptions): Pace {
  const now = options.now ?? Date.now
  const sleep = options.sleep ?? sleepFor
  const perTick = Math.max((options.requestsPerSecond ?? (LIMITS.burstRequests * 1000) / LIMITS.burstWindowMs) * (TICK_MS / 1000), 0)
  let tokens = Math.max(perTick, 1)
  let filledAt = now()
  let pausedUntil = 0
  let turn: Promise<void> = Promise.resolve()

  const refill = () => {
    const passed = now() - filledAt
    if (passed <= 0) return
    tokens = Math.min(Math.max(perTick, 1), tokens + (passed / TICK_MS) * perTick)
    filledAt = now()
  }
  const take = async (signal?: AbortSignal) => {
    for (;;) {
      signal?.throwIfAborted()
      refill()
      const pauseMs = pausedUntil - now()
      if (pauseMs <= 0 && tokens >= 1) {
        tokens -= 1
        return
      }
      await sleep(pauseMs > 0 ? pauseMs : Math.ceil(((1 - tokens) / perTick) * TICK_MS), signal)
    }
  }
  const pause = (ms: number) => {
    pausedUntil = Math.max(pausedUntil, now() + ms)
  }
  return {
    enter(signal) {
      const mine = turn.then(() => take(signal))
      turn = mine.catch(() => undefined)
      return mine
    },
    learn(headers) {
      if (headers['x-ratelimit-remaining'] !== '0') return
      const resetMs = readReset(headers, now())
      if (resetMs !== null) pause(resetMs)
    },
    pause,
  }
}

/** Waits; rejects with the signal's reason when aborted. Leaves no timer behind. */
export function sleepFor(ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const stop = () => {
      clearTimeout(timer)
      reject(signal!.reason as Error)
    }
    const timer = setTimeout(() => {
      signal?.removeEventListener('abort', stop)
      resolve()
    }, ms)
    if (signal?.aborted === true) stop()
    else signal?.addEventListener('abort', stop, { once: true })
  })
}
