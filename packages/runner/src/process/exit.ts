import { isDiskFull } from './disk-full.ts'
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
  /** The output, or a file, cannot be written: its disk is full, above all. */
  output: 74,
  /** Stopped by a signal, everything in flight committed. */
  interrupted: 130,
} as const

/** One of the exit codes. */
export type ExitCode = (typeof EXIT)[keyof typeof EXIT]

/**
 * What the code of an error ends a command with: every code that docs/errors.md says stops a command, and those that
 * core throws where a filter or a case is no configuration's. Whatever is not here is a mistake of ours.
 */
const CODES_BY_EXIT: readonly (readonly [ExitCode, string])[] = [
  [
    EXIT.usage,
    `CONFIG_MISSING CONFIG_UNREADABLE CONFIG_UNWRITABLE CONFIG_EXISTS CONFIG_INVALID CONFIG_UNKNOWN_ENVIRONMENT
     CONFIG_SOURCE_UNKNOWN CONFIG_STATE_URL CONFIG_NO_PUBLIC_API CONFIG_PUBLIC_API_URL CONFIG_NOT_SIMULATED
     CONFIG_NOTHING_ONLINE SECRET_MISSING SECRET_UNREADABLE SELECT_UNKNOWN SELECT_GIT SELECT_SEVERAL
     SERVE_PORT SERVE_NOTHING SERVE_LOG_CHANGED USAGE_FOLLOW CONFIG_STREAM_ALONE
     USAGE_ONLY USAGE_RUN RUN_PART_OTHER CONFIG_RUN_ALONE USAGE_REPORT NOTIFY_NOBODY STATE_MAPPING USAGE_NAME USAGE_RETRY USAGE_ALLOW USAGE_RESEND USAGE_ADOPT USAGE_EXPORTED USAGE_VERIFY USAGE_PLAN USAGE_OUT_FILE USAGE_IMPORT_FILE USAGE_NOT_CONFIRMED USAGE_OPTION
     PLAN_UNREADABLE PLAN_OTHER_ENVIRONMENT
     SOURCE_NOT_FOUND SOURCE_UNREADABLE SOURCE_NOT_JSON SOURCE_POSITION SOURCE_COLUMN SOURCE_URL SOURCE_SCHEMA
     SOURCE_DEPENDENCY SOURCE_UNSUPPORTED SOURCE_NEEDS_SEGMENT SOURCE_OPTION SOURCE_REQUEST SOURCE_TOO_LARGE
     SOURCE_ANSWER
     BRAZE_ENDPOINT BRAZE_OPTION SIMULATOR_OPTION
     FILTER_REGEX FILTER_TIME FILTER_OPERATOR_TYPE CASE_NO_EVENTS`,
  ],
  [
    EXIT.unavailable,
    `SOURCE_UNAVAILABLE DESTINATION_UNAVAILABLE STATE_UNAVAILABLE BRAZE_ANSWER BRAZE_UNKNOWN_OUTCOME BRAZE_EXPORT
     SIMULATOR_PORT SIMULATOR_STORE SIMULATOR_STORE_BUSY RUN_PART_MISSING RUN_PART_ALONE RUN_PARTS_APART`,
  ],
  [EXIT.refused, 'SOURCE_AUTH DESTINATION_AUTH STATE_AUTH'],
  [EXIT.guard, 'GUARD_STOPPED GUARD_EMPTY_SOURCE'],
  [EXIT.stale, 'PLAN_STALE PLAN_EXPIRED'],
  [EXIT.leaseHeld, 'STATE_LEASE_HELD STATE_LEASE_LOST SERVE_NOT_HANDED_OVER'],
  [
    EXIT.state,
    `STATE_NOT_INITIALISED STATE_EXISTS STATE_NEWER STATE_OTHER_WORKSPACE STATE_UNREADABLE STATE_FULL
     STATE_READ_ONLY`,
  ],
  [EXIT.internal, 'INTERNAL BRAZE_LIMIT BRAZE_VALUE BRAZE_CLOSED'],
  [EXIT.output, 'OUTPUT_UNWRITABLE OUTPUT_FULL'],
  [EXIT.interrupted, 'INTERRUPTED RUN_PART_LOST'],
]

/** The exit code of each code of an error that ends a command. */
export const EXIT_BY_CODE: ReadonlyMap<string, ExitCode> = new Map(
  CODES_BY_EXIT.flatMap(([exit, codes]) => codes.split(/\s+/).map((code) => [code, exit] as const)),
)

/**
 * The exit code of what was thrown.
 *
 * Shape: a `SyncError` by its code; an abort is `interrupted`; a full disk is `output`; everything else is a mistake of
 * ours.
 */
export function exitCodeOf(error: unknown): ExitCode {
  if (isSyncError(error)) return EXIT_BY_CODE.get(error.code) ?? EXIT.internal
  if (error instanceof Error && error.name === 'AbortError') return EXIT.interrupted
  return isDiskFull(error) ? EXIT.output : EXIT.internal
}
