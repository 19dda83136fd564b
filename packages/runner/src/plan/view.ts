import type { MappingPlan, RecordCounts, Report } from '@engage-sync/core'
import type { PlanResult } from '../engine/index.ts'
import type { SpaceRow } from '../online/space-view.ts'
import type { PlanSample } from './samples.ts'
import { decodeAbout } from '../state/values/mapping-about.ts'

/** One mapping's part of a plan. Counts of values; data points as Braze bills them. */
export interface MappingView {
  readonly mapping: string
  readonly new: number
  readonly changed: number
  readonly unset: number
  readonly events: number
  readonly cohort_adds: number
  readonly cohort_removals: number
  readonly data_points: number
}

/** A mapping that vanished from the configuration: what it leaves behind in Braze. */
export interface OrphanView {
  readonly mapping: string
  readonly attribute: string | null
  readonly cohort: string | null
}

/** A plan as data: what `plan --format json` prints. Extended, never renamed. */
export interface PlanView {
  readonly version: 1
  readonly environment: string
  readonly syncs: readonly string[]
  /** ISO 8601: the run's `now`. */
  readonly as_of: string
  readonly records: RecordCounts
  /** Values read of those records; `rejected` are named under `reasons`. */
  readonly values: { readonly read: number; readonly rejected: number }
  readonly users: { readonly seen: number; readonly changed: number; readonly created: number }
  readonly configuration: {
    readonly added: readonly string[]
    readonly changed: readonly string[]
    readonly moved: readonly { readonly from: string; readonly to: string }[]
    readonly retired: readonly string[]
    readonly orphaned: readonly OrphanView[]
  }
  readonly cohorts: PlanResult['cohorts']
  readonly mappings: readonly MappingView[]
  readonly braze: {
    readonly requests: number
    /** At the configured limit, or Braze's own. */
    readonly seconds_at_limit: number
    readonly attributes: number
    readonly events: number
    readonly cohort_adds: number
    readonly cohort_removals: number
    readonly data_points: number
  }
  readonly kinds: { readonly additive: number; readonly changing: number; readonly destructive: number }
  /** Users Segment asked to forget. */
  readonly deletions: number
  /** Requests of an earlier run whose outcome is not known; a run decides them first. */
  readonly open_marks: number
  readonly unmapped: Report['unmapped']
  readonly reasons: Report['reasons']
  readonly guards: readonly { readonly message: string; readonly allow: string }[]
  readonly samples: readonly PlanSample[]
  /** What Segment says of the computations; empty unless it was asked. */
  readonly space: readonly SpaceRow[]
  /** Of all updates, whatever their order. */
  readonly digest: string
}

/** What a plan view is made of beside the plan itself. */
export interface PlanFacts {
  readonly environment: string
  readonly syncs: readonly string[]
  /** At most, of updates. */
  readonly requestsPerSecond: number
  readonly membersPerCohortRequest: number
  readonly samples: readonly PlanSample[]
  readonly space: readonly SpaceRow[]
}

/** Adds a plan up. */
export function viewPlan(plan: PlanResult, facts: PlanFacts): PlanView {
  const { summary, changes, stops, report, cohorts } = plan
  const requests = plan.requests + cohortRequests(plan, facts.membersPerCohortRequest)
  return {
    version: 1,
    environment: facts.environment,
    syncs: facts.syncs,
    as_of: new Date(plan.expectation.asOf).toISOString(),
    records: report.records,
    values: { read: report.values.read, rejected: report.values.rejected },
    users: { ...summary.users },
    configuration: {
      added: changes.added,
      changed: changes.changed,
      moved: changes.moved,
      retired: changes.retired,
      orphaned: changes.orphaned.map(({ id, about }) => ({ mapping: id, ...decodeAbout(about) })),
    },
    cohorts: { created: cohorts.created, renamed: cohorts.renamed },
    mappings: [...summary.mappings.values()].map(viewMapping).sort((a, b) => (a.mapping < b.mapping ? -1 : 1)),
    braze: {
      requests,
      seconds_at_limit: Math.ceil(requests / facts.requestsPerSecond),
      attributes: summary.attributes,
      events: summary.events,
      cohort_adds: summary.cohortAdds,
      cohort_removals: summary.cohortRemovals,
      data_points: summary.dataPoints,
    },
    kinds: summary.kinds,
    deletions: plan.deletions,
    open_marks: plan.openMarks,
    unmapped: report.unmapped,
    reasons: report.reasons,
    guards: stops.map(({ message, allow }) => ({ message, allow })),
    samples: facts.samples,
    space: facts.space,
    digest: summary.digest,
  }
}

/** Whether there is anything to do. */
export function hasChanges(plan: PlanView): boolean {
  const { added, changed, moved, retired } = plan.configuration
  const { created, renamed } = plan.cohorts
  const configured = added.length + changed.length + moved.length + retired.length + created.length + renamed.length
  return plan.mappings.length + configured + plan.deletions > 0
}

/** Whether Braze is known to hold all that was read: there were values, and none of them would be rejected. */
export function holdsAll({ values, records }: Pick<PlanView, 'values' | 'records'>): boolean {
  return values.read > 0 && values.rejected + records.rejected === 0
}

/** Why values and records would be rejected: not why others are skipped. */
export function rejections({ values, records, reasons }: Pick<PlanView, 'values' | 'records' | 'reasons'>): PlanView['reasons'] {
  return values.rejected + records.rejected === 0 ? [] : reasons.filter(({ code }) => !code.startsWith('SKIPPED_'))
}

function viewMapping(plan: MappingPlan): MappingView {
  return {
    mapping: plan.id,
    new: plan.new,
    changed: plan.changed,
    unset: plan.unset,
    events: plan.events,
    cohort_adds: plan.cohortAdds,
    cohort_removals: plan.cohortRemovals,
    data_points: plan.dataPoints,
  }
}

/** Membership changes go apart from attributes and events, cohort by cohort. */
function cohortRequests({ summary, cohorts }: PlanResult, membersPerRequest: number): number {
  let requests = cohorts.created.length + cohorts.renamed.length
  for (const { cohortAdds, cohortRemovals } of summary.mappings.values()) {
    requests += Math.ceil((cohortAdds + cohortRemovals) / membersPerRequest)
  }
  return requests
}
