import type { MappingPlan } from '@engage-sync/core'

/** One mapping's part of a plan. Counts of values; data points as Braze bills them. */
export interface MappingView {
  readonly mapping: string
  /** What people in Braze know it by: its cohort, attribute or event. */
  readonly name: string
  /** Users who would get something of it. */
  readonly users: number
  readonly new: number
  readonly changed: number
  readonly unset: number
  readonly events: number
  readonly cohort_adds: number
  readonly cohort_removals: number
  readonly data_points: number
  /** Users who become or stop being members, over all encodings of a membership. */
  readonly joins: number
  readonly leaves: number
  /** Of a membership that is not new: members at run start. Null where none come or go. */
  readonly members: number | null
}

/** Adds one up. @param members - of memberships at run start, by id */
export function viewMapping(
  plan: MappingPlan,
  name: string,
  members: ReadonlyMap<string, number>,
): MappingView {
  const moves = plan.additions + plan.removals > 0
  return {
    mapping: plan.id,
    name,
    users: plan.users,
    new: plan.new,
    changed: plan.changed,
    unset: plan.unset,
    events: plan.events,
    cohort_adds: plan.cohortAdds,
    cohort_removals: plan.cohortRemovals,
    data_points: plan.dataPoints,
    joins: plan.additions,
    leaves: plan.removals,
    members: moves ? (members.get(plan.id) ?? null) : null,
  }
}
