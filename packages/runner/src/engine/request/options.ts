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
import type { AskOptions } from './asking.ts'
import type { Observer } from './events.ts'
import type { Judge } from './judge.ts'
import type { RunPart } from './part.ts'
import type { PlanDigest } from './plan-digest.ts'
import type { RowShelf } from './row-shelf.ts'
import type { RunKind } from './run-kind.ts'

/**
 * What becomes of events whose request has no outcome: asked for, sent again, or taken as
 * delivered.
 */
export type OnUnknown = 'verify' | 'repeat' | 'skip'

/** Everything a run needs, already opened. The engine knows no configuration file and no vendor. */
export interface EngineOptions {
  readonly environment: string
  readonly syncs: readonly CompiledSync[]
  /**
   * Names of all syncs of the configuration, also of those left out or disabled. One that the state
   * knows and that is none of them was deleted, and plans list what it leaves in Braze. Default:
   * none is taken for deleted.
   */
  readonly configured?: readonly string[]
  /** By the source names the syncs use. */
  readonly sources: ReadonlyMap<string, Source>
  readonly createDecoder: (plan: DecodePlan) => RowDecoder
  /**
   * Decodes the chunks of a long source while those before are folded. Default: each when it is
   * folded.
   */
  readonly decodeAhead?: (
    chunks: AsyncIterable<RawChunk>,
    plan: DecodePlan,
  ) => AsyncIterable<RawChunk>
  readonly destination: Destination
  readonly store: StateStore
  readonly guards: GuardLimits & { readonly emptySource: 'stop' | 'allow' }
  /** Judges the run in the stead of `guards`, which are of one run. Default: these do. */
  readonly judge?: Judge
  /** Works on some of the partitions, beside others. Default: on all of them, and alone. */
  readonly part?: RunPart
  readonly onUnknown: OnUnknown
  /** Days until a dead letter expires. */
  readonly deadLetterDays: number
  /** What `--allow` said. */
  readonly allow: readonly string[]
  /** What kind of run it is. */
  readonly kind: RunKind
  readonly actor: string | null
  readonly commit: string | null
  /** The page of the CI job that runs it, for its report. Default: none. */
  readonly job?: string | null
  /** Milliseconds since the epoch; asked once for the run's `now`, and for the lease. */
  readonly now: () => number
  readonly observe: Observer
  /** Ends the run gently: what is in flight is finished and committed. */
  readonly signal: AbortSignal
  /** How long another run's lease is waited for, milliseconds. Default 0: stop at once. */
  readonly waitForLeaseMs?: number
  /** How long the lease lasts without renewal, milliseconds. Default 30,000. */
  readonly leaseTtlMs?: number
  /**
   * Rows and pending values beyond this are folded in several passes over the source, bytes.
   * Default 1 GB.
   */
  readonly memoryBudgetBytes?: number
  /**
   * Keeps delivered values in the state, not their digests alone; they are personal data. Default
   * false.
   */
  readonly keepValues?: boolean
  /** Rows that are in memory already. Default: none. */
  readonly kept?: RowShelf
  /** Does exactly what a plan said, or stops with `PLAN_STALE`. Default: no plan. */
  readonly expect?: PlanDigest | null
  /**
   * Asks first what is held: what is, is delivered; what is not stays pending. Default: nobody is
   * asked.
   */
  readonly ask?: AskOptions | null
  /** What a request to forget a user does, by sync name. Default `report`. */
  readonly onDelete?: ReadonlyMap<string, OnDelete>
}
