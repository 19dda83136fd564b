import { setTimeout as wait } from 'node:timers/promises'

/** Time as an argument, so that no test waits for it. */
export interface Clock {
  /**
   * Milliseconds since the epoch: for what is sent, stored, or compared with a service's own clock.
   */
  now(): number
  /** Milliseconds since some moment, never set back or forward: for what is waited for. */
  elapsed(): number
  /** Resolves after `ms` milliseconds; rejects with the signal's reason when aborted first. */
  sleep(ms: number, signal: AbortSignal): Promise<void>
}

/** The clock of this machine. */
export const systemClock: Clock = {
  now: () => Date.now(),
  elapsed: () => performance.now(),
  async sleep(ms, signal) {
    try {
      await wait(ms, undefined, { signal })
    } catch {
      signal.throwIfAborted()
    }
  },
}
