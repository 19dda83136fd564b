import type { OpenPartition, OpenRows, RunProgram } from '@engage-sync/core'
import type { Committer, LetterOf } from '../durable/index.ts'
import type { OpenRequest } from './open-request.ts'
import type { RowOutcomes } from './row-outcomes.ts'
import type { RowSet } from './row-set.ts'
import type { Sending } from './sending.ts'

/** What is delivered, and who takes the outcomes. */
export interface DeliveryInputs {
  readonly sending: Sending
  readonly committer: Committer
  readonly outcomes: RowOutcomes
  readonly program: RunProgram
  readonly rows: OpenRows
  /** The rows to deliver; null for all that have something pending. */
  readonly only: readonly RowAt[] | null
  /** Users may be created, by sync name. */
  readonly createUsers: ReadonlySet<string>
  /** Rows that wait for something else, by `partition:row`. */
  readonly held: ReadonlySet<string>
  /** The dead letter a pending change was made of, or null. */
  readonly letterOf: LetterOf
  /** Looks at the rows of a partition before any of them is packed. Default: nobody does. */
  readonly prepare?: ((open: OpenPartition) => Promise<void>) | undefined
  /** Milliseconds since the epoch. */
  readonly now: () => number
  /** Nobody waits for answers that take longer; null: all are waited for, and tried once more. */
  readonly late?: LateAnswers | null
}

/**
 * How a late row ended: all of it is delivered or refused, and written; some of it is neither; or
 * something is to follow once that has settled.
 */
export type LateEnd = 'done' | 'failed' | 'follows'

/** Who takes answers that come after the others were done. */
export interface LateAnswers {
  /** How long after the last request left its answer counts as late, milliseconds. */
  readonly afterMs: number
  /** All answers came in time: so long after the last request left, milliseconds. */
  inTime(ms: number): void
  /** Whether so many rows may be late: where they are more, everybody waits for them. */
  mayBegin(rows: number): boolean
  /** Answers of these rows are late: told as they come. */
  begin(rows: readonly RowAt[]): void
  /** A row's last answer came. */
  row(place: RowAt, ended: LateEnd): void
  /** A marked request may have been applied or not. */
  unknown(request: OpenRequest): void
  /** Nothing of what began is under way any more. @param failure - what ended it early, or null */
  end(failure: unknown): void
}

/** A row, by where it is. */
export interface RowAt {
  readonly open: OpenPartition
  readonly row: number
}

/** How delivery of attributes and events ended. */
export interface DeliveryResult {
  /** Rows with memberships to change, once their user exists. */
  readonly memberships: readonly RowAt[]
  /** Rows of which some part was neither delivered nor refused. */
  readonly unfinished: readonly RowAt[]
  /** Marked requests that may have been applied or not. */
  readonly open: readonly OpenRequest[]
  /** Some request may have been applied or not, marked or not. */
  readonly isUnknown: boolean
  /** Rows whose users were created: requests that depend on it must wait. */
  readonly created: RowSet
  /** Rows of which a part could not share a request with another; none, unless answers may be late. */
  readonly again: readonly RowAt[]
  /** An error that ended delivery early, or null. */
  readonly failure: unknown
}
