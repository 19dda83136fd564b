import type { PlanView } from '../../plan/view.ts'
import { holdsAll, rejections } from '../../plan/view.ts'
import { countOf, formatSeconds } from '../text/numbers.ts'
import { escapeCell, fitComment, markdownTable } from '../formats/markdown.ts'

const MOST_ROWS = 200

/**
 * A plan as Markdown for a pull request's comment.
 *
 * Shape: a heading, then tables; always shorter than `MAX_COMMENT`. Holds no value and no whole identifier.
 */
export function renderPlanMarkdown(plan: PlanView): string {
  const { braze, users } = plan
  const head = [
    `### engage-sync plan · ${escapeCell(plan.environment)}`,
    `${escapeCell(plan.syncs.join(', '))}: ${countOf(users.changed, 'user')} of ${countOf(users.seen, 'user')} would change${onlyExisting(plan)}, as of ${plan.as_of}.`,
  ]
  const same = holdsAll(plan)
    ? '**No changes.** Braze already holds all of this.'
    : '**No changes.**'
  if (!plan.has_changes)
    return fitComment([...head, same, rejectedTable(plan), orphanTable(plan)].filter(Boolean))
  const cost = `**${countOf(braze.data_points, 'data point')}**, about ${countOf(braze.requests, 'request')}, ${formatSeconds(braze.seconds_at_limit)} at the limit.`
  return fitComment(
    [
      ...head,
      cost,
      guardList(plan),
      rejectedTable(plan),
      configurationTable(plan),
      orphanTable(plan),
      mappingTable(plan),
      spaceTable(plan),
    ].filter((block) => block !== ''),
  )
}

function onlyExisting({ users: { only_existing: existing } }: PlanView): string {
  return existing === 0
    ? ''
    : ` (${countOf(existing, 'user')} only if Braze has them: a first exit creates nobody)`
}

/** What a run would reject, by reason. */
function rejectedTable(plan: PlanView): string {
  const rows = rejections(plan)
    .slice(0, MOST_ROWS)
    .map(({ code, count, example }) => [code, String(count), example])
  return rows.length === 0 ? '' : markdownTable(['would be rejected', 'count', 'for example'], rows)
}

function guardList({ guards }: PlanView): string {
  if (guards.length === 0) return ''
  const lines = guards.map(
    ({ message, allow }) => `- ${escapeCell(message)} (\`--allow ${allow}\`)`,
  )
  return ['> [!WARNING]', '> A run would be stopped by a guard.', '', ...lines].join('\n')
}

function configurationTable({ configuration }: PlanView): string {
  const rows = [
    ...configuration.added.map((id) => ['new', id]),
    ...configuration.changed.map((id) => ['changed', id]),
    ...configuration.moved.map(({ from, to }) => ['moved', `${from} → ${to}`]),
    ...configuration.retired.map((id) => ['retired', id]),
  ]
  return rows.length === 0
    ? ''
    : markdownTable(['configuration', 'mapping'], rows.slice(0, MOST_ROWS))
}

function orphanTable({ configuration }: PlanView): string {
  const rows = configuration.orphaned.map(({ mapping, attribute, cohort }) => [
    mapping,
    attribute ?? '',
    cohort ?? '',
  ])
  return rows.length === 0
    ? ''
    : markdownTable(['orphaned: stays in Braze', 'attribute', 'cohort'], rows.slice(0, MOST_ROWS))
}

function mappingTable({ mappings }: PlanView): string {
  const rows = mappings
    .slice(0, MOST_ROWS)
    .map((one) => [
      one.mapping,
      one.new,
      one.changed,
      one.unset,
      one.events,
      one.cohort_adds,
      one.cohort_removals,
      one.data_points,
    ])
  return markdownTable(
    ['mapping', 'new', 'changed', 'unset', 'events', 'joins', 'leaves', 'data points'],
    rows,
  )
}

function spaceTable({ space }: PlanView): string {
  if (space.length === 0) return ''
  const rows = space
    .slice(0, MOST_ROWS)
    .map(({ mapping, segment, ours, size }) => [
      mapping,
      segment ?? '',
      ours.mode,
      String(size?.segment ?? ''),
      String(size?.braze ?? ''),
    ])
  return markdownTable(['mapping', 'in Segment', 'here', 'members in Segment', 'in Braze'], rows)
}
