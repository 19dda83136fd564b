import { inNaturalOrder } from '@engage-sync/core'
import type { GuardStop, NormalisedSync, RecordCounts, Report } from '@engage-sync/core'
import type { PlanResult } from '../engine/index.ts'
import type { SpaceRow } from '../online/space-view.ts'
import { brazeNames } from './braze-names.ts'
import { viewMapping } from './mapping-view.ts'
import type { MappingView } from './mapping-view.ts'
import { comparedOf, viewBase } from './base-view.ts'
import type { BaseView } from './base-view.ts'
import { mappingChanges } from './changes.ts'
import type { MappingChange } from './changes.ts'
import { manualSteps } from './manual-steps.ts'
import type { ManualStep } from './manual-steps.ts'
import type { PlanSample } from './samples.ts'
import { viewSyncChanges } from './sync-changes.ts'
import type { SyncChange } from './sync-changes.ts'
import { decodeAbout } from '../state/values/mapping-about.ts'

/** A guard that would stop the run. Shares are fractions. */
export interface GuardView {
  readonly guard: GuardStop['guard']
  /** The mapping it is about; null for the run as a whole. */
  readonly subject: string | null
  /** What people in Braze know that mapping by. */
  readonly name: string | null
  readonly planned: number
  readonly limit: number
  /** Members at run start, or users of the state; null where there are none of. */
  readonly members: number | null
  /** Of these, what is planned; null without them. */
  readonly share: number | null
  readonly message: string
  /** What to write after `--allow`. */
  readonly allow: string
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
  /** Whether a run would do anything. */
  readonly has_changes: boolean
  readonly records: RecordCounts
  /** Values read of those records; `rejected` are named under `reasons`. */
  readonly values: Report['values']
  readonly users: PlanResult['summary']['users']
  readonly configuration: {
    readonly added: readonly string[]
    readonly changed: readonly string[]
    readonly moved: readonly { readonly from: string; readonly to: string }[]
    readonly retired: readonly string[]
    readonly orphaned: readonly OrphanView[]
  }
  /** What became of each mapping that is not as the state knows it, the riskiest first. */
  readonly changes: readonly MappingChange[]
  /** What became of syncs as a whole: who is named how, what is read. */
  readonly sync_changes: readonly SyncChange[]
  readonly cohorts: PlanResult['cohorts']
  /** What nobody can do by API. */
  readonly by_hand: readonly ManualStep[]
  readonly mappings: readonly MappingView[]
  /** What changes against another configuration, `changes` too; null unless that was asked. */
  readonly base: BaseView | null
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
  /** What a run may use (`max_data_points`), and which share of that it would; null without that guard. */
  readonly budget: { readonly max_data_points: number | null; readonly share: number | null }
  readonly kinds: {
    readonly additive: number
    readonly changing: number
    readonly destructive: number
  }
  /** Users Segment asked to forget. */
  readonly deletions: number
  /** Requests of an earlier run whose outcome is not known; a run decides them first. */
  readonly open_marks: number
  readonly unmapped: Report['unmapped']
  readonly reasons: Report['reasons']
  readonly guards: readonly GuardView[]
  readonly samples: readonly PlanSample[]
  /** What Segment says of the computations; empty unless it was asked. */
  readonly space: readonly SpaceRow[]
  /** Of all updates, whatever their order. */
  readonly digest: string
}

/** What a plan view is made of beside the plan itself. */
export interface PlanFacts {
  readonly environment: string
  readonly syncs: readonly NormalisedSync[]
  /** Whether the environment has a partner key, or needs none. */
  readonly sendsCohorts: boolean
  /** At most, of updates. */
  readonly requestsPerSecond: number
  readonly membersPerCohortRequest: number
  /** Of the guard; null without one. */
  readonly maxDataPoints: number | null
  /** What `--base` said; null without it. */
  readonly base: string | null
  readonly samples: readonly PlanSample[]
  readonly space: readonly SpaceRow[]
}

/** Adds a plan up. */
export function viewPlan(plan: PlanResult, facts: PlanFacts): PlanView {
  const { summary, changes, stops, report, cohorts } = plan
  const nameOf = brazeNames(facts.syncs)
  const compared = comparedOf(plan)
  const changed = mappingChanges(compared)
  const requests = plan.requests + cohortRequests(plan, facts.membersPerCohortRequest)
  const view: Omit<PlanView, 'has_changes'> = {
    version: 1,
    environment: facts.environment,
    syncs: facts.syncs.map(({ name }) => name),
    as_of: new Date(plan.expectation.asOf).toISOString(),
    records: report.records,
    values: report.values,
    users: { ...summary.users },
    configuration: viewConfiguration(changes),
    changes: changed,
    sync_changes: viewSyncChanges(compared.changedSyncs, compared.pausedSyncs),
    cohorts: { created: cohorts.created, renamed: cohorts.renamed },
    by_hand: manualSteps({
      changes: changed,
      renamedCohorts: cohorts.renamed,
      syncs: facts.syncs,
      sendsCohorts: facts.sendsCohorts,
    }),
    mappings: [...summary.mappings.values()]
      .map((mapping) => viewMapping(mapping, nameOf(mapping.id), plan.members))
      .sort((a, b) => inNaturalOrder(a.mapping, b.mapping)),
    base: viewBase(plan, facts.base, nameOf),
    braze: {
      requests,
      seconds_at_limit: Math.ceil(requests / facts.requestsPerSecond),
      attributes: summary.attributes,
      events: summary.events,
      cohort_adds: summary.cohortAdds,
      cohort_removals: summary.cohortRemovals,
      data_points: summary.dataPoints,
    },
    budget: {
      max_data_points: facts.maxDataPoints,
      share: shareOf(summary.dataPoints, facts.maxDataPoints),
    },
    kinds: summary.kinds,
    deletions: plan.deletions,
    open_marks: plan.openMarks,
    unmapped: report.unmapped,
    reasons: report.reasons,
    guards: stops.map((stop) =>
      viewGuard(stop, stop.subject === null ? null : nameOf(stop.subject)),
    ),
    samples: facts.samples,
    space: facts.space,
    digest: summary.digest,
  }
  return { ...view, has_changes: hasChanges(view) }
}

function viewConfiguration({
  added,
  changed,
  moved,
  retired,
  orphaned,
}: PlanResult['changes']): PlanView['configuration'] {
  return {
    added,
    changed,
    moved,
    retired,
    orphaned: orphaned.map(({ id, about }) => ({ mapping: id, ...decodeAbout(about) })),
  }
}

function hasChanges(plan: Omit<PlanView, 'has_changes'>): boolean {
  const { added, changed, moved, retired } = plan.configuration
  const { created, renamed } = plan.cohorts
  const configured =
    added.length + changed.length + moved.length + retired.length + created.length + renamed.length
  const whole = plan.sync_changes.length
  return plan.mappings.length + configured + whole + plan.deletions > 0
}

/**
 * Whether Braze is known to hold all that was read: values were found as they were delivered, and none changed, or was
 * rejected or refused.
 *
 * @param refused - changes that Braze refused
 */
export function holdsAll(
  { values, records }: Pick<Report, 'values' | 'records'>,
  refused = 0,
): boolean {
  const others = values.changed + values.rejected + records.rejected + refused
  return values.unchanged + values.duplicate > 0 && others === 0
}

/** Why values and records would be rejected: not why others are skipped. */
export function rejections({
  values,
  records,
  reasons,
}: Pick<PlanView, 'values' | 'records' | 'reasons'>): PlanView['reasons'] {
  return values.rejected + records.rejected === 0
    ? []
    : reasons.filter(({ code }) => !code.startsWith('SKIPPED_'))
}

/** A guard's stop with its share. @param name - what people in Braze know its mapping by */
export function viewGuard(
  { guard, subject, planned, limit, members, message, allow }: GuardStop,
  name: string | null,
): GuardView {
  return {
    guard,
    subject,
    name,
    planned,
    limit,
    members,
    share: shareOf(planned, members),
    message,
    allow,
  }
}

/** A part of a whole as a fraction; null of nothing. */
export function shareOf(part: number, whole: number | null): number | null {
  return whole === null || whole === 0 ? null : part / whole
}

/** Membership changes go apart from attributes and events, cohort by cohort. */
function cohortRequests({ summary, cohorts }: PlanResult, membersPerRequest: number): number {
  let requests = cohorts.created.length + cohorts.renamed.length
  for (const { cohortAdds, cohortRemovals } of summary.mappings.values()) {
    requests += Math.ceil((cohortAdds + cohortRemovals) / membersPerRequest)
  }
  return requests
}
