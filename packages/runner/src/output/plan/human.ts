import type { PlanView } from '../../plan/view.ts'
import { holdsAll, rejections } from '../../plan/view.ts'
import type { Colours } from '../text/colours.ts'
import { countOf, formatCount, formatSeconds } from '../text/numbers.ts'
import { byHandLines } from './by-hand-lines.ts'
import { spaceLines } from './space-lines.ts'
import { alignRows, shorten } from '../text/table.ts'
import { safeLine } from '../text/safe-text.ts'

/**
 * A plan for a terminal.
 *
 * Shape: a headline, what changed in the configuration, what changes in Braze by mapping, its cost, guards, what
 * is left to do by hand, samples.
 */
export function renderPlan(plan: PlanView, colours: Colours): string {
  const blocks = [
    headLines(plan, colours),
    configurationLines(plan, colours),
    mappingLines(plan, colours),
    costLines(plan, colours),
    guardLines(plan, colours),
    byHandLines(plan.by_hand, colours),
    spaceLines(plan.space, colours),
    sampleLines(plan, colours),
    noteLines(plan, colours),
  ]
  return `${blocks
    .filter((block) => block.length > 0)
    .map((block) => block.join('\n'))
    .join('\n\n')}\n`
}

function headLines(plan: PlanView, colours: Colours): readonly string[] {
  const head = `${colours.bold('plan')} · ${plan.environment} · ${plan.syncs.join(', ')} · as of ${plan.as_of}`
  const { seen, changed, created, only_existing: existing } = plan.users
  const news = created === 0 ? '' : `, ${formatCount(created)} of them new to us`
  const others =
    existing === 0
      ? ''
      : `, ${formatCount(existing)} only if Braze has them (first exits create nobody)`
  const lines = [
    head,
    '',
    `  ${countOf(plan.records.read, 'record')} read; ${countOf(seen, 'user')} seen, ${formatCount(changed)} would change${news}${others}`,
  ]
  if (plan.has_changes) return lines
  return [
    ...lines,
    '',
    `  ${colours.green('No changes.')}${holdsAll(plan) ? ' Braze already holds all of this.' : ''}`,
  ]
}

function configurationLines(
  { configuration, cohorts }: PlanView,
  colours: Colours,
): readonly string[] {
  const rows: string[][] = [
    ...configuration.added.map((id) => [colours.green('+'), id, 'new']),
    ...configuration.changed.map((id) => [colours.yellow('~'), id, 'means something else now']),
    ...configuration.moved.map(({ from, to }) => [colours.cyan('→'), to, `was ${from}`]),
    ...configuration.retired.map((id) => [
      colours.red('-'),
      id,
      'retired: unset for everyone who has it',
    ]),
    ...cohorts.created.map((name) => [colours.green('+'), `cohort ${name}`, 'created']),
    ...cohorts.renamed.map(({ from, to }) => [colours.cyan('→'), `cohort ${to}`, `was ${from}`]),
    ...configuration.orphaned.map(({ mapping, attribute, cohort }) => [
      colours.yellow('?'),
      mapping,
      orphanText(attribute, cohort),
    ]),
  ]
  if (rows.length === 0) return []
  return [
    colours.bold('Configuration'),
    ...alignRows(
      rows.map((row) => ['', ...row]),
      ['left', 'left', 'left'],
    ),
  ]
}

function orphanText(attribute: string | null, cohort: string | null): string {
  const left = [
    attribute === null ? null : `attribute ${attribute}`,
    cohort === null ? null : `cohort ${cohort}`,
  ].filter((part) => part !== null)
  return `gone from the configuration; ${left.join(' and ') || 'what it sent'} stays in Braze (say moved: or retire:)`
}

const HEAD = ['', 'mapping', 'new', 'changed', 'unset', 'events', 'joins', 'leaves', 'data points']

function mappingLines({ mappings }: PlanView, colours: Colours): readonly string[] {
  if (mappings.length === 0) return []
  const rows = mappings.map((mapping) => [
    '',
    mapping.mapping,
    shown(mapping.new, colours.green),
    shown(mapping.changed, colours.yellow),
    shown(mapping.unset, colours.red),
    shown(mapping.events),
    shown(mapping.cohort_adds, colours.green),
    shown(mapping.cohort_removals, colours.red),
    shown(mapping.data_points),
  ])
  const head = HEAD.map((cell) => colours.dim(cell))
  return [
    colours.bold('Changes in Braze'),
    ...alignRows([head, ...rows], ['left', 'left', ...HEAD.slice(2).map(() => 'right' as const)]),
  ]
}

function shown(count: number, colour: (text: string) => string = (text) => text): string {
  return count === 0 ? '·' : colour(formatCount(count))
}

function costLines({ braze, kinds, mappings }: PlanView, colours: Colours): readonly string[] {
  if (mappings.length === 0) return []
  const kindsLine = [
    colours.green(`+ ${formatCount(kinds.additive)} added`),
    colours.yellow(`~ ${formatCount(kinds.changing)} changed`),
    colours.red(`- ${formatCount(kinds.destructive)} unset or removed`),
  ].join('   ')
  const cost = `about ${countOf(braze.requests, 'request')}, ${formatSeconds(braze.seconds_at_limit)} at the limit, ${countOf(braze.data_points, 'data point')}`
  return [`  ${kindsLine}`, `  ${cost}`]
}

function guardLines({ guards }: PlanView, colours: Colours): readonly string[] {
  if (guards.length === 0) return []
  return [
    colours.red('A run would be stopped by a guard'),
    ...guards.flatMap(({ message, allow }) => [
      `  ${safeLine(message)}`,
      colours.dim(`    If that is meant: run --allow ${safeLine(allow)}`),
    ]),
  ]
}

const MOST_SAMPLES = 8

function sampleLines({ samples }: PlanView, colours: Colours): readonly string[] {
  if (samples.length === 0) return []
  const rows = samples.slice(0, MOST_SAMPLES).map(({ user, attributes, events, cohorts }) => {
    const parts = [
      ...attributes.map(({ name, value }) => `${name} (${value})`),
      ...events.map((name) => `event ${name}`),
      ...cohorts.map(({ name, member }) => `${member ? '+' : '-'}${name}`),
    ]
    return ['', user, shorten(parts.join(', '), SAMPLE_WIDTH)]
  })
  return [
    colours.bold('Some of the users') +
      colours.dim('  (identifiers shortened, types instead of values)'),
    ...alignRows(rows, ['left', 'left']),
  ]
}

const SAMPLE_WIDTH = 90

function noteLines(plan: PlanView, colours: Colours): readonly string[] {
  const { deletions, open_marks: marks, unmapped } = plan
  const lines: string[] = [...rejectedLines(plan, colours)]
  if (deletions > 0)
    lines.push(`  Segment asked to forget ${countOf(deletions, 'user')}: see privacy.on_delete.`)
  if (marks > 0)
    lines.push(
      `  ${countOf(marks, 'request')} of an earlier run had no answer; a run decides about their events first.`,
    )
  if (unmapped.length > 0) {
    const shownKeys = unmapped
      .slice(0, MOST_SAMPLES)
      .map(({ key, count }) => `${safeLine(key)} (${formatCount(count)})`)
    lines.push(
      colours.dim(
        `  In the data, but in no mapping: ${shownKeys.join(', ')}${unmapped.length > MOST_SAMPLES ? ', …' : ''}`,
      ),
    )
  }
  return lines
}

/** What a run would reject, by reason: records as well as values. */
function rejectedLines(plan: PlanView, colours: Colours): readonly string[] {
  const { values, records } = plan
  if (values.rejected + records.rejected === 0) return []
  const what = [
    ...(values.rejected > 0 ? [countOf(values.rejected, 'value')] : []),
    ...(records.rejected > 0 ? [countOf(records.rejected, 'record')] : []),
  ].join(' and ')
  const rows = rejections(plan).map(({ code, count, example }) => [
    '',
    formatCount(count),
    code,
    colours.dim(safeLine(example)),
  ])
  return [`  ${colours.yellow(`${what} would be rejected`)}`, ...alignRows(rows, ['left', 'right'])]
}
