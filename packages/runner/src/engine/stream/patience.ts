import { EXIT, exitCodeOf } from '../../process/exit.ts'
import { isSyncError } from '../../process/sync-error.ts'

/** Waits between two tries, milliseconds: doubled from the first to the last. */
const FIRST_MS = 500
const LAST_MS = 30_000

/** What somebody outside may put right while the process lives. */
const PASSING: readonly number[] = [EXIT.unavailable, EXIT.refused, EXIT.guard, EXIT.output]

/**
 * Whether trying again may help: a service that is down or refuses the key, a guard that is to be
 * allowed, a disk that is full. False for what ends a process: the lease is lost, the state cannot
 * be read, or a mistake of ours.
 */
export function passes(error: unknown): boolean {
  if (!isSyncError(error)) return PASSING.includes(exitCodeOf(error))
  const { code } = error
  return PASSING.includes(exitCodeOf(error)) || code === 'STATE_FULL' || code.startsWith('SOURCE_')
}

/** How long to wait before the next try, milliseconds. @param tries - that failed one after another */
export function backOffMs(tries: number): number {
  return Math.min(LAST_MS, FIRST_MS * 2 ** Math.min(tries - 1, 16))
}
