/** Time as this package needs it. Passed in, so that tests need not wait. */
export interface Clock {
  /**
   * Milliseconds of a clock that nobody sets: what waiting and spans are measured by. Its start
   * means nothing.
   */
  now(): number
  /**
   * Milliseconds since the epoch, as this machine believes: only for reading what others say of
   * time.
   */
  wallTime(): number
  /** Calls back once after so many milliseconds; the result takes it back. */
  schedule(ms: number, callback: () => void): () => void
}

/** Longest a timer of Node's can wait; what is longer would be over at once. Milliseconds. */
const MAX_TIMER_MS = 2 ** 31 - 1

/** The machine's clocks. */
export const systemClock: Clock = {
  now: () => performance.now(),
  wallTime: Date.now,
  schedule(ms, callback) {
    const timer = setTimeout(callback, Math.min(ms, MAX_TIMER_MS))
    return () => clearTimeout(timer)
  },
}

/** Waits; rejects with the signal's reason when aborted. Leaves no timer and no listener behind. */
export function sleepFor(clock: Clock, ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted === true) return reject(signal.reason as Error)
    const stop = () => {
      cancel()
      reject(signal?.reason as Error)
    }
    const cancel = clock.schedule(ms, () => {
      signal?.removeEventListener('abort', stop)
      resolve()
    })
    signal?.addEventListener('abort', stop, { once: true })
  })
}
