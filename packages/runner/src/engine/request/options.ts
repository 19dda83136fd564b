import type {
  CompiledSync,
  DecodePlan,
  Destination,
  GuardLimits,
  OnDelete,
  RawChunk,
  RowDecoder,
  Source,
  StateStore,
} from '@engage-sync/core'
import type { LetterChoice } from '../../state/reading/dead-letters.ts'
import type { Observer } from './events.ts'
import type { PlanExpectation } from '../planning/plan-digest.ts'
import type { OnUnknown } from '../durable/recovery.ts'

/** Everything a run needs, already opened. The engine knows no configuration file and no vendor. */
export interface EngineOptions {
  readonly environment: string
  readonly syncs: readonly CompiledSync[]
  /** By the source names the syncs use. */
  readonly sources: ReadonlyMap<string, Source>
  readonly createDecoder: (plan: DecodePlan) => RowDecoder
  /** Decodes the chunks of a long source while those before are folded. Default: each when it is folded. */
  readonly decodeAhead?: (chunks: AsyncIterable<RawChunk>, plan: DecodePlan) => AsyncIterable<RawChunk>
  readonly destination: Destination
  readonly store: StateStore
  readonly guards: GuardLimits & { readonly emptySource: 'stop' | 'allow' }
  readonly onUnknown: OnUnknown
  /** Days until a dead letter expires. */
  readonly deadLetterDays: number
  /** What `--allow` said. */
  readonly allow: readonly string[]
  /**
   * Enabled syncs of the configuration that this run leaves out: positions of their sources stay, or they would never
   * see what was read, and who waits goes on waiting for them. Default: none.
   */
  readonly leftOut?: readonly Pick<CompiledSync, 'name' | 'source'>[]
  /** Reads every source from its beginning. */
  readonly reread: boolean
  /** Sends attributes and memberships again though nothing changed. */
  readonly resend: boolean
  /** Works on these users only; the source position stays. */
  readonly onlyUsers: ReadonlySet<string> | null
  readonly actor: string | null
  readonly commit: string | null
  /** Milliseconds since the epoch; asked once for the run's `now`, and for the lease. */
  readonly now: () => number
  readonly observe: Observer
  /** Ends the run gently: what is in flight is finished and committed. */
  readonly signal: AbortSignal
  /** How long another run's lease is waited for, milliseconds. Default 0: stop at once. */
  readonly waitForLeaseMs?: number
  /** How long the lease lasts without renewal, milliseconds. Default 30,000. */
  readonly leaseTtlMs?: number
  /** Rows and pending values beyond this are folded in several passes over the source, bytes. Default 1 GB. */
  readonly memoryBudgetBytes?: number
  /** Keeps delivered values in the state, not their digests alone; they are personal data. Default false. */
  readonly keepValues?: boolean
  /** Does exactly what a plan said, or stops with `PLAN_STALE`. Default: no plan. */
  readonly expect?: PlanExpectation | null
  /** What a request to forget a user does, by sync name. Default `report`. */
  readonly onDelete?: ReadonlyMap<string, OnDelete>
  /** Sends these dead letters again instead of reading the sources. Default: none. */
  readonly retry?: LetterChoice
}
