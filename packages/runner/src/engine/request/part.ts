import type {
  GuardStop,
  PlanSummary,
  RejectedCount,
  Report,
  SourcePosition,
} from '@engage-sync/core'

/** Partitions a run works on, where it leaves the others to somebody else. */
export interface RunPart {
  /** One at least. The state it works on shows those of others as empty. */
  readonly partitions: ReadonlySet<number>
  /** When what is new in its configuration was born, in all parts alike. Default: now. */
  readonly bornMs?: number
  /**
   * Where reading ends, by source; null for one of which nothing is read. Default: where a plan that
   * is to be done ended, or each source does.
   */
  readonly upTo?: ReadonlyMap<string, SourcePosition | null>
  /**
   * Judges what would be done, before the first byte leaves; may wait for all other parts. Default:
   * the guards judge this part alone.
   *
   * @returns the guards that stop it; none where it goes on
   */
  readonly judge?: (plan: PartPlan) => Promise<readonly GuardStop[]>
  /**
   * Told how it ended, before its last commit; may wait for all other parts. Default: the sources
   * go on where this part is done with what was read.
   *
   * @returns whether the sources go on
   */
  readonly ends?: (end: PartEnd) => Promise<boolean>
}

/** What a part would do. The figures of all parts add up to those of one run. */
export interface PartPlan {
  readonly summary: PlanSummary
  /** Users to be forgotten. */
  readonly deletions: number
  readonly rejected: RejectedCount
  /** How many passes its sources are read in. */
  readonly passes: number
  /** What was read, in its order. */
  readonly reads: readonly PartRead[]
  /** Where reading ended, by source. */
  readonly positions: ReadonlyMap<string, SourcePosition>
}

/** A range of a source that was read. */
export interface PartRead {
  readonly source: string
  readonly kind: 'new' | 'history' | 'deferred' | 'letters'
  /** Null for the beginning. */
  readonly from: SourcePosition | null
  /** Records of it. */
  readonly decoded: number
}

/** How a part ended. */
export interface PartEnd {
  /** Its figures: what concerns no user is in that of the part with the first partition. */
  readonly report: Report
  /** Everything planned was delivered or refused. */
  readonly isWhole: boolean
  /** For all that is known here, the sources may go on: who is unfinished waits durably. */
  readonly goesOn: boolean
  /** What ended it early, or null. */
  readonly failure: unknown
}
