import { readMappingId } from '@engage-sync/core'
import type { MappingView } from '../../plan/mapping-view.ts'
import type { PlanView } from '../../plan/view.ts'
import { holdsAll, rejections } from '../../plan/view.ts'
import type { Colours } from '../text/colours.ts'
import { countOf, formatCount, formatInstant, formatSeconds, formatShare } from '../text/numbers.ts'
import { allowingPlan } from './comment/alerts.ts'
import { rejectedText, typeWords } from './comment/folded.ts'
import { changeLines } from './change-lines.ts'
import { byHandLines } from './by-hand-lines.ts'
import { spaceLines } from './space-lines.ts'
import { alignRows, shorten } from '../text/table.ts'
import { safeLine } from '../text/safe-text.ts'

/**
 * A plan for a terminal.
 *
 * Shape: a headline, what changed in the configuration, what changes in Braze by mapping, its cost, guards, what
 * is left to do by hand, samples.
 *
 * @param how - `isTTY`: whether a person watches, since a log is cut nowhere; `whole`: samples with values;
 *   `typed`: the command, quoted for a shell
 */
export function renderPlan(
  plan: PlanView,
  colours: Colours,
  how: {
    readonly isTTY?: boolean
    readonly columns?: number
    readonly whole?: PlanView['samples'] | null
    readonly typed?: string
  } = {},
): string {
  const { isTTY = true, columns = 0, whole = null, typed } = how
  const blocks = [
    headLines(plan, colours),
    baseLines(plan, colours),
    changeLines(plan, colours),
    mappingLines(plan, colours),
    costLines(plan, colours),
    guardLines(plan, colours, typed),
    byHandLines(plan.by_hand, colours),
    spaceLines(plan.space, colours),
    sampleLines(whole === null ? plan : { ...plan, samples: whole }, colours, {
      width: isTTY && whole === null ? Math.max(SAMPLE_WIDTH, columns - SAMPLE_MARGIN) : Infinity,
      isWhole: whole !== null,
    }),
    noteLines(plan, colours),
  ]
  return `${blocks
    .filter((block) => block.length > 0)
    .map((block) => block.join('\n'))
    .join('\n\n')}\n`
}

function headLines(plan: PlanView, colours: Colours): readonly string[] {
  const head = `${colours.bold('plan')} · ${plan.environment} · ${syncsText(plan.syncs)} · as of ${formatInstant(plan.as_of)} UTC`
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

const MOST_SYNCS = 5

function syncsText(syncs: readonly string[]): string {
  return syncs.length > MOST_SYNCS ? countOf(syncs.length, 'sync') : syncs.join(', ')
}

/** What the change does, apart from what waits anyway. */
function baseLines({ base }: PlanView, colours: Colours): readonly string[] {
  if (base === null) return []
  const { ref, effect, waiting, prevented } = base
  return [
    `  ${colours.bold(`Because of what changed since ${safeLine(ref)}:`)} ${countOf(effect.users, 'user')}, ${countOf(effect.data_points, 'data point')}`,
    `  Waiting anyway: ${countOf(waiting.users, 'more user', 'more users')}, ${countOf(waiting.data_points, 'data point')}`,
    ...(prevented === 0
      ? []
      : [
          `  Not sent any more: ${countOf(prevented, 'value, event or membership', 'values, events and memberships')}`,
        ]),
  ]
}

const HEAD = ['', 'mapping', 'new', 'changed', 'unset', 'events', 'joins', 'leaves', 'data points']

function mappingLines({ mappings }: PlanView, colours: Colours): readonly string[] {
  if (mappings.length === 0) return []
  const bySync = Map.groupBy(mappings, ({ mapping }) => readMappingId(mapping).sync)
  const rows = [...bySync].flatMap(([sync, ofSync]) => [
    ...ofSync.map((mapping) => countCells(mapping.mapping, mapping, colours)),
    ...(bySync.size > 1 && ofSync.length > 1
      ? [countCells(colours.bold(`${sync} in all`), sumOf(ofSync), colours)]
      : []),
  ])
  const head = HEAD.map((cell) => colours.dim(cell))
  return [
    colours.bold('Changes in Braze'),
    ...alignRows([head, ...rows], ['left', 'left', ...HEAD.slice(2).map(() => 'right' as const)]),
  ]
}

type Counts = Omit<MappingView, 'mapping' | 'name' | 'users' | 'members' | 'joins' | 'leaves'>

function countCells(name: string, counts: Counts, colours: Colours): readonly string[] {
  return [
    '',
    name,
    shown(counts.new, colours.green),
    shown(counts.changed, colours.yellow),
    shown(counts.unset, colours.red),
    shown(counts.events),
    shown(counts.cohort_adds, colours.green),
    shown(counts.cohort_removals, colours.red),
    shown(counts.data_points),
  ]
}

function sumOf(mappings: readonly Counts[]): Counts {
  const sum = (of: (counts: Counts) => number) =>
    mappings.reduce((total, counts) => total + of(counts), 0)
  return {
    new: sum((one) => one.new),
    changed: sum((one) => one.changed),
    unset: sum((one) => one.unset),
    events: sum((one) => one.events),
    cohort_adds: sum((one) => one.cohort_adds),
    cohort_removals: sum((one) => one.cohort_removals),
    data_points: sum((one) => one.data_points),
  }
}

function shown(count: number, colour: (text: string) => string = (text) => text): string {
  return count === 0 ? '·' : colour(formatCount(count))
}

function costLines(plan: PlanView, colours: Colours): readonly string[] {
  const { braze, kinds, mappings } = plan
  if (mappings.length === 0) return []
  const kindsLine = [
    colours.green(`+ ${formatCount(kinds.additive)} added`),
    colours.yellow(`~ ${formatCount(kinds.changing)} changed`),
    colours.red(`- ${formatCount(kinds.destructive)} unset or removed`),
  ].join('   ')
  const cost = `about ${countOf(braze.requests, 'request')}, ${formatSeconds(braze.seconds_at_limit)} at the limit, ${countOf(braze.data_points, 'data point')}${budgetText(plan)}`
  return [`  ${kindsLine}`, `  ${cost}`]
}

/** What is too little to be told is not. */
const LEAST_SHARE = 0.001

function budgetText({ budget, braze }: PlanView): string {
  const { max_data_points: most, share } = budget
  if (most === null || share === null || share < LEAST_SHARE) return ''
  return ` (${formatShare(braze.data_points, most)} of the ${formatCount(most)} a run may use)`
}

function guardLines(plan: PlanView, colours: Colours, typed?: string): readonly string[] {
  const { guards } = plan
  if (guards.length === 0) return []
  const who = guards.length === 1 ? 'a guard' : `${guards.length} guards`
  const all = guards.length === 1 ? 'that' : 'all of that'
  return [
    colours.red(`A run would be stopped by ${who}`),
    ...guards.map(({ message }) => `  ${safeLine(message)}`),
    colours.dim(`  If ${all} is meant, plan with what lets it pass, and run that plan:`),
    `    ${safeLine(allowingPlan(plan, typed))}`,
  ]
}

const MOST_SAMPLES = 8

function sampleLines(
  { samples, users }: PlanView,
  colours: Colours,
  { width, isWhole }: { readonly width: number; readonly isWhole: boolean },
): readonly string[] {
  if (samples.length === 0) return []
  const told = isWhole ? (value: string) => value : typeWords
  const rows = samples.slice(0, MOST_SAMPLES).map(({ user, attributes, events, cohorts }) => {
    const parts = [
      ...cohorts.map(({ name, member }) => `${member ? 'joins' : 'leaves'} ${name}`),
      ...attributes.map(({ name, before, value }) => `${name}: ${told(before)} → ${told(value)}`),
      ...events.map((name) => `event ${name}`),
    ]
    return ['', safeLine(user), safeLine(shorten(parts.join(', '), width))]
  })
  const how = isWhole
    ? 'with values, which are personal data'
    : 'identifiers shortened, types instead of values: --show-values prints them'
  return [
    colours.bold('Some of the users, before → after') + colours.dim(`  (${how})`),
    ...alignRows(rows, ['left', 'left']),
    ...(users.changed > rows.length
      ? [colours.dim(`  and ${countOf(users.changed - rows.length, 'more user', 'more users')}`)]
      : []),
  ]
}

/** The least that is shown of a user, and what stands before and after it on its line, characters. */
const SAMPLE_WIDTH = 90
const SAMPLE_MARGIN = 12

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
        `  In the data, but in no mapping: ${shownKeys.join(', ')}${unmapped.length > MOST_SAMPLES ? ` and ${unmapped.length - MOST_SAMPLES} more` : ''}`,
      ),
    )
  }
  return lines
}

/** What a run would reject, by reason: records as well as values. */
function rejectedLines(plan: PlanView, colours: Colours): readonly string[] {
  const { values, records } = plan
  if (values.rejected + records.rejected === 0) return []
  const rows = rejections(plan).map(({ code, count, example }) => [
    '',
    formatCount(count),
    code,
    colours.dim(safeLine(example)),
  ])
  return [`  ${colours.yellow(rejectedText(plan))}`, ...alignRows(rows, ['left', 'right'])]
}
