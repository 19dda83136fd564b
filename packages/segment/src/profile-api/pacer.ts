import { systemClock } from '../remote/index.ts'
import type { Clock } from '../remote/index.ts'
import { PROFILE_API_REQUESTS_PER_SECOND } from './limits.ts'

/** Gives everyone who shares a limit their turn, first come, first served. */
export interface Pacer {
  /** Resolves when the next request may leave. */
  turn(signal: AbortSignal): Promise<void>
  /** Lets no request leave for this long, milliseconds: the service said so. */
  pause(ms: number): void
}

/**
 * A pacer for so many requests a second, spread evenly.
 *
 * Shape: turns are `1000 / perSecond` milliseconds apart and never earlier than asked for; what was
 * not used is not saved up. Share one between all that talk to one space.
 *
 * @param perSecond - above 0; default 100, what the Profile API allows a space
 */
export function createPacer(
  perSecond = PROFILE_API_REQUESTS_PER_SECOND,
  clock: Clock = systemClock,
): Pacer {
  const gapMs = 1000 / perSecond
  let next = Number.NEGATIVE_INFINITY
  let resumeAt = Number.NEGATIVE_INFINITY
  return {
    async turn(signal) {
      for (;;) {
        const mine = Math.max(clock.elapsed(), next, resumeAt)
        next = mine + gapMs
        if (mine > clock.elapsed()) await clock.sleep(mine - clock.elapsed(), signal)
        signal.throwIfAborted()
        // A pause that came while waiting costs the turn: all who waited queue up again behind its
        // end.
        if (mine >= resumeAt) return
      }
    },
    pause(ms) {
      resumeAt = Math.max(resumeAt, clock.elapsed() + ms)
    },
  }
}
