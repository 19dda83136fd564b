import { EXIT, exitCodeOf } from '../../../process/exit.ts'
import { isSyncError } from '../../../process/sync-error.ts'

/** The first wait before another try, unless it is said, milliseconds. */
const RETRY_MS = 500
/** Waits double up to so many times the first. */
const MOST_TIMES = 64

/** What somebody outside may put right while the process lives. */
const PASSING: readonly number[] = [EXIT.unavailable, EXIT.refused, EXIT.guard, EXIT.output]

/** Codes that end a run, or none at all, and pass in a stream. */
const OURS: readonly string[] = ['STATE_FULL', 'SERVE_TOO_MANY_WAIT']

/**
 * Whether trying again may help: a service that is down or refuses the key, a guard that is to be
 * allowed, a disk that is full. False for what ends a process: the lease is lost, the state cannot
 * be read, or a mistake of ours.
 */
export function passes(error: unknown): boolean {
  if (!isSyncError(error)) return PASSING.includes(exitCodeOf(error))
  const { code } = error
  return PASSING.includes(exitCodeOf(error)) || OURS.includes(code) || code.startsWith('SOURCE_')
}

/**
 * How long to wait before the next try, milliseconds.
 *
 * @param tries - that failed one after another; at least 1
 */
export function backOffMs(
  { retryMs = RETRY_MS }: { readonly retryMs?: number },
  tries: number,
): number {
  return retryMs * Math.min(MOST_TIMES, 2 ** (tries - 1))
}
