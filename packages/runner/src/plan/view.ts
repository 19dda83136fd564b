import type { GuardStop, MappingPlan, PlanSummary, RecordCounts } from '@engage-sync/core'
import type { MappingChanges } from '../engine/index.ts'
import type { PlanSample } from './samples.ts'

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
  readonly users: { readonly seen: number; readonly changed: number; readonly created: number }
  readonly configuration: {
    readonly added: readonly string[]
    readonly changed: readonly string[]
    readonly moved: readonly { readonly from: string; readonly to: string }[]
    readonly retired: readonly string[]
    readonly orphaned: readonly OrphanView[]
  }
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
  readonly guards: readonly { readonly message: string; readonly allow: string }[]
  readonly samples: readonly PlanSample[]
  /** Of all updates, whatever their order. */
  readonly digest: string
}

/** What a plan is made of. */
export interface PlanParts {
  readonly environment: string
  readonly syncs: readonly string[]
  readonly asOfMs: number
  readonly records: RecordCounts
  readonly summary: PlanSummary
  readonly changes: MappingChanges
  readonly stops: readonly GuardStop[]
  readonly samples: readonly PlanSample[]
  readonly requestsPerSecond: number | null
}

/** Objects in one request; an estimate for the plan, the adapter decides. */
const OBJECTS_PER_REQUEST = 75
const IDS_PER_COHORT_REQUEST = 1000
const MOST_REQUESTS_PER_SECOND = 1000

/** Adds a plan up. */
export function viewPlan(parts: PlanParts): PlanView {
  const { summary, changes, stops } = parts
  const requests = requestsOf(summary)
  return {
    version: 1,
    environment: parts.environment,
    syncs: parts.syncs,
    as_of: new Date(parts.asOfMs).toISOString(),
    records: parts.records,
    users: summary.users,
    configuration: {
      added: changes.added,
      changed: changes.changed,
      moved: changes.moved,
      retired: changes.retired,
      orphaned: changes.orphaned.map(({ id, about }) => ({
        mapping: id,
        ...(about as { attribute: string | null; cohort: string | null }),
      })),
    },
    mappings: [...summary.mappings.values()].map(viewMapping).sort((a, b) => (a.mapping < b.mapping ? -1 : 1)),
    braze: {
      requests,
      seconds_at_limit: Math.ceil(requests / (parts.requestsPerSecond ?? MOST_REQUESTS_PER_SECOND)),
      attributes: summary.attributes,
      events: summary.events,
      cohort_adds: summary.cohortAdds,
      cohort_removals: summary.cohortRemovals,
      data_points: summary.dataPoints,
    },
    kinds: summary.kinds,
    guards: stops.map(({ message, allow }) => ({ message, allow })),
    samples: parts.samples,
    digest: summary.digest,
  }
}

/** Whether there is anything to do. */
export function hasChanges(plan: PlanView): boolean {
  const { added, changed, moved, retired } = plan.configuration
  return plan.mappings.length > 0 || added.length + changed.length + moved.length + retired.length > 0
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

function requestsOf(summary: PlanSummary): number {
  let objects = summary.events
  let cohorts = 0
  objects += Math.min(summary.users.changed, summary.attributes)
  for (const { cohortAdds, cohortRemovals } of summary.mappings.values()) {
    cohorts += Math.ceil((cohortAdds + cohortRemovals) / IDS_PER_COHORT_REQUEST)
  }
  return Math.ceil(objects / OBJECTS_PER_REQUEST) + cohorts
}
