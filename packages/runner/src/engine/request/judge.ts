import type { GuardStop, PlanSummary, RejectedCount } from '@engage-sync/core'

/** What a run would do, for whoever judges it. */
export interface JudgedPlan {
  /** Without mappings that are new with the run: nothing of them can go too far. */
  readonly summary: PlanSummary
  /** Users to be forgotten. */
  readonly deletions: number
  readonly rejected: RejectedCount
  /** Members at run start, by mapping or segment id. */
  readonly members: () => Promise<ReadonlyMap<string, number>>
  /** Users the state knows. */
  readonly users: () => Promise<number>
}

/** Which guards stop a run; none where it may go on. */
export type Judge = (plan: JudgedPlan) => Promise<readonly GuardStop[]>
