import { isSyncError } from './sync-error.ts'

/** Exit codes of the command line. The only place that lists them. */
export const EXIT = {
  /** Done. */
  done: 0,
  /** Finished, but some records were rejected, or a case failed. */
  partial: 1,
  /** The command line or the configuration is wrong. */
  usage: 2,
  /** Segment, Braze, a source or the state's server cannot be reached. */
  unavailable: 3,
  /** Credentials were refused. */
  refused: 4,
  /** A guard stopped the run before anything was sent. */
  guard: 5,
  /** `plan --exit-code`: there is something to do. */
  pending: 6,
  /** The plan no longer fits what a run would do. */
  stale: 7,
  /** Another run holds the environment. */
  leaseHeld: 8,
  /** The state is unreadable, newer, full, or not initialised. */
  state: 9,
  /** A mistake of ours. */
  internal: 70,
  /** Stopped by a signal, everything in flight committed. */
  interrupted: 130,
} as const

/** One of the exit codes. */
export type ExitCode = (typeof EXIT)[keyof typeof EXIT]

const BY_CODE: ReadonlyMap<string, ExitCode> = new Map([
  ['INTERRUPTED', EXIT.interrupted],
  ['STATE_LEASE_HELD', EXIT.leaseHeld],
  ['STATE_LEASE_LOST', EXIT.leaseHeld],
  ['PLAN_STALE', EXIT.stale],
  ['PLAN_EXPIRED', EXIT.stale],
])

/** The first that fits decides: endings before beginnings, since they say more. */
const BY_PATTERN: readonly (readonly [RegExp, ExitCode])[] = [
  [/_UNAVAILABLE$/, EXIT.unavailable],
  [/_RATE_LIMIT(ED)?$/, EXIT.unavailable],
  [/^BRAZE_(ANSWER|UNKNOWN_OUTCOME)$/, EXIT.unavailable],
  [/_AUTH$/, EXIT.refused],
  [/^GUARD_/, EXIT.guard],
  [/^STATE_/, EXIT.state],
  [/^(CONFIG|USAGE|SOURCE|SECRET|YAML|FILTER|PLAN|SELECT|CASE)_/, EXIT.usage],
  [/^(BRAZE_ENDPOINT|BRAZE_OPTION|SIMULATOR_OPTION)$/, EXIT.usage],
  [/^SIMULATOR_/, EXIT.unavailable],
]

/**
 * The exit code of what was thrown.
 *
 * Shape: a `SyncError` by its code; an abort is `interrupted`; everything else is a mistake of ours.
 */
export function exitCodeOf(error: unknown): ExitCode {
  if (isSyncError(error)) return exitCodeFor(error.code)
  if (error instanceof Error && error.name === 'AbortError') return EXIT.interrupted
  return EXIT.internal
}

function exitCodeFor(code: string): ExitCode {
  const exact = BY_CODE.get(code)
  if (exact !== undefined) return exact
  for (const [pattern, exit] of BY_PATTERN) if (pattern.test(code)) return exit
  return EXIT.internal
}
