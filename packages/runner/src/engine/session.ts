import type { OpenRows, Reasons } from '@engage-sync/core'
import type { Doubt } from './doubt.ts'
import type { EngineOptions } from './options.ts'
import type { MemberCounts } from './members.ts'
import type { Partitions } from './partitions.ts'
import type { Preparations } from './preparations.ts'
import type { Prepared } from './prepare.ts'
import type { LetterContext } from './record-letters.ts'
import type { Retry } from './retry.ts'
import type { WaitingLetter } from './waiting.ts'

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
