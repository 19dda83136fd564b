import type { Clock } from '../src/remote/clock.ts'

/** A clock that moves only when someone sleeps; sleepers wake in the order of their times. */
export function fakeClock(startMs = Date.UTC(2026, 0, 5, 12)): Clock {
  let now = startMs
  return {
    now: () => now,
    elapsed: () => now,
    async sleep(ms, signal) {
      const until = now + ms
      await Promise.resolve()
      signal.throwIfAborted()
      now = Math.max(now, until)
    },
  }
}
