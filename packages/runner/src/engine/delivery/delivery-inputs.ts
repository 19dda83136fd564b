import type { OpenPartition, OpenRows, RunProgram } from '@engage-sync/core'
import type { Committer, LetterOf } from '../durable/index.ts'
import type { OpenRequest } from './open-request.ts'
import type { RowOutcomes } from './row-outcomes.ts'
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
  /** Milliseconds since the epoch. */
  readonly now: () => number
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
  /** A user was created in this run, so dependent requests must wait. */
  readonly createdUsers: boolean
  /** An error that ended delivery early, or null. */
  readonly failure: unknown
}
