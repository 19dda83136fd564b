import type { OpenRows, Reasons } from '@engage-sync/core'
import type { Doubt } from './durable/unconfirmed-sends.ts'
import type { EngineOptions } from './request/options.ts'
import type { MemberCounts } from './guards/member-counts.ts'
import type { Partitions } from './partitions/partitions.ts'
import type { Preparations } from './partitions/row-migrations.ts'
import type { Prepared } from './mappings/resolve.ts'
import type { LetterContext } from './dead-letters/record-letters.ts'
import type { Retry } from './retry/retried-letters.ts'
import type { WaitingLetter } from './deferred/load.ts'

/** What the steps of one run, or of one plan, share. */
export interface Session {
  readonly options: EngineOptions
  /** The run's `now`: when it started, or the plan's when it does what a plan said. Milliseconds. */
  readonly nowMs: number
  readonly prepared: Prepared
  readonly preparations: Preparations
  readonly rows: OpenRows
  readonly partitions: Partitions
  readonly members: MemberCounts
  readonly letterContext: LetterContext
  /** What runs that did not end may have sent. */
  readonly doubt: Doubt
  /** What is sent again instead of reading the sources; null for a run that reads them. */
  readonly retry: Retry | null
  /** What earlier runs left unfinished. */
  readonly waiting: readonly WaitingLetter[]
  /** Reasons of refusals, and of what is reported though nothing failed. */
  readonly reasons: Reasons
}
