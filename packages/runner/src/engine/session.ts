import type { OpenRows, Reasons } from '@engage-sync/core'
import type { EngineOptions } from './request/options.ts'
import type { MemberCounts } from './guards/member-counts.ts'
import type { Partitions } from './partitions/partitions.ts'
import type { RowMigrations } from './partitions/row-migrations.ts'
import type { ResolvedMappings } from './mappings/resolve.ts'
import type { DeadLetterContext } from './dead-letters/record-letters.ts'
import type { RetriedLetters } from './retry/retried-letters.ts'
import type { DeferredLetter } from './deferred/load.ts'
import type { UnconfirmedSends } from '../state/values/values.ts'

/** What the steps of one run, or of one plan, share. */
export interface Session {
  readonly options: EngineOptions
  /** The run's `now`: when it started, or the plan's when it does what a plan said. Milliseconds. */
  readonly nowMs: number
  readonly prepared: ResolvedMappings
  readonly preparations: RowMigrations
  readonly rows: OpenRows
  readonly partitions: Partitions
  readonly members: MemberCounts
  readonly letterContext: DeadLetterContext
  /** What runs that did not end may have sent. */
  readonly doubt: UnconfirmedSends
  /** What is sent again instead of reading the sources; null for a run that reads them. */
  readonly retry: RetriedLetters | null
  /** What earlier runs left unfinished. */
  readonly waiting: readonly DeferredLetter[]
  /** Reasons of refusals, and of what is reported though nothing failed. */
  readonly reasons: Reasons
}
