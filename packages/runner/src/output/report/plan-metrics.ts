import type { Metric } from '../formats/open-metrics.ts'
import type { MappingView } from '../../plan/mapping-view.ts'
import type { PlanView } from '../../plan/view.ts'
import { gauge, labelled, textOf } from './run-metrics.ts'

/** What a plan says as OpenMetrics. Names of the configuration and counts; no values, no ids of users. */
export function planMetrics(plan: PlanView): string {
  return textOf(plan.environment, planFigures(plan))
}

/** The same as data, without the environment. */
export function planFigures(plan: PlanView): readonly Metric[] {
  const { users, braze, mappings, guards, kinds } = plan
  const each = (of: (one: MappingView) => number) =>
    mappings.map((one) => [one.mapping, of(one)] as const)
  return [
    gauge('plan_timestamp_seconds', 'When it was made, since the epoch.', secondsOf(plan.as_of)),
    gauge('plan_has_changes', 'Whether a run would do anything.', plan.has_changes ? 1 : 0),
    gauge('plan_guards', 'Guards that would stop it.', guards.length),
    labelled('plan_users', 'Users seen, and those who would change.', 'what', [
      ['seen', users.seen],
      ['changed', users.changed],
      ['created', users.created],
    ]),
    labelled('plan_changes', 'Changes by what they do.', 'kind', [
      ['additive', kinds.additive],
      ['changing', kinds.changing],
      ['destructive', kinds.destructive],
    ]),
    gauge('plan_requests', 'Requests it would take.', braze.requests),
    gauge('plan_data_points', 'Data points it would use.', braze.data_points),
    labelled(
      'plan_mapping_data_points',
      'The same by mapping.',
      'mapping',
      each(({ data_points: points }) => points),
    ),
    labelled(
      'plan_mapping_joins',
      'Users who would join.',
      'mapping',
      each(({ joins }) => joins),
    ),
    labelled(
      'plan_mapping_leaves',
      'Users who would leave.',
      'mapping',
      each(({ leaves }) => leaves),
    ),
  ]
}

function secondsOf(instant: string): number {
  return Date.parse(instant) / 1000
}
