import { readMappingId } from '@engage-sync/core'
import type { ManualStep } from '../../../plan/manual-steps.ts'
import type { MappingView } from '../../../plan/mapping-view.ts'
import { rejections } from '../../../plan/view.ts'
import type { PlanView } from '../../../plan/view.ts'
import {
  command,
  counted,
  divergingBar,
  folded,
  markup,
  NOTHING,
  pageText,
  pill,
  prose,
  rowBar,
  table,
  tiles,
} from '../../html/index.ts'
import type { Column, Markup, Part, Tone } from '../../html/index.ts'
import { allowingPlan } from '../../plan/comment/alerts.ts'
import { verdict } from '../../plan/comment/verdict.ts'
import { countOf, formatCount, formatSeconds, formatShare } from '../../text/numbers.ts'
import { COST_COLUMNS, MEMBERSHIP_COLUMNS, TRAIT_COLUMNS } from './mapping-columns.ts'
import { momentText } from './moment.ts'
import { planChanges } from './plan-changes.ts'
import { planSamples } from './plan-samples.ts'
import { FOOT } from './run-page.ts'

const TONES: Readonly<Record<ReturnType<typeof verdict>['mark'], Tone>> = {
  '🛑': 'bad',
  '⚠️': 'warn',
  '✅': 'good',
}

/** A plan as one HTML page: whether it may go, what changes and for whom, what is left to do by hand. */
export function renderPlanPage(plan: PlanView): string {
  return pageText({
    title: `engage-sync · ${plan.environment} · plan`,
    body: [
      head(plan),
      planTiles(plan),
      planChanges(plan),
      byHand(plan.by_hand),
      rejected(plan),
      memberships(plan),
      traits(plan),
      cost(plan),
      planSamples(plan.samples),
      unmapped(plan),
    ],
    foot: FOOT,
  })
}

function head(plan: PlanView): Markup {
  const { environment, guards, syncs, as_of: asOf, base } = plan
  const { mark, text } = verdict(plan)
  const tone = TONES[mark]
  const facts = [
    momentText(asOf),
    syncs.length > 5 ? countOf(syncs.length, 'sync') : syncs.join(', '),
    ...(base === null ? [] : [`beside ${base.ref}`]),
  ]
  const found =
    guards.length === 0
      ? NOTHING
      : markup`<ul>${guards.map(({ message }) => markup`<li>${message}</li>`)}</ul><p>If that is meant:</p>${command(allowingPlan(plan))}`
  return markup`<p class="eyebrow"><b>engage-sync</b> ${environment} · plan ${pill(guards.length > 0 ? 'guarded' : 'may go', tone)}</p>
<section class="band ${tone}" aria-label="Verdict"><h1>${capital(text)}</h1>
<p class="soft">${facts.join(' · ')} · nothing was sent</p>${found}</section>`
}

function capital(text: string): string {
  return text.slice(0, 1).toUpperCase() + text.slice(1)
}

function planTiles({ users, braze, budget, kinds }: PlanView): Markup {
  const { max_data_points: most, share } = budget
  return tiles([
    {
      name: 'Users would change',
      value: formatCount(users.changed),
      note: `of ${formatCount(users.seen)} seen; ${formatCount(users.created)} new in Braze`,
    },
    {
      name: 'Data points',
      value: formatCount(braze.data_points),
      note:
        most === null || share === null
          ? 'no guard limits them'
          : `${formatShare(braze.data_points, most)} of ${formatCount(most)} a run may use`,
    },
    {
      name: 'Requests',
      value: formatCount(braze.requests),
      note: `${formatSeconds(braze.seconds_at_limit)} at the limit`,
    },
    {
      name: 'Take something away',
      value: formatCount(kinds.destructive),
      note: `${formatCount(kinds.changing)} change something, ${formatCount(kinds.additive)} add`,
    },
  ])
}

function byHand(steps: readonly ManualStep[]): Markup {
  if (steps.length === 0) return NOTHING
  const items = steps.map(({ text, recipe }) => {
    const filters =
      recipe === null
        ? NOTHING
        : folded('Filters to build it from', markup`<pre>${recipe.lines.slice(1).join('\n')}</pre>`)
    return markup`<li>${prose(text)}${filters}</li>`
  })
  return markup`<h2>By hand in Braze</h2><div class="card"><ul>${items}</ul></div>`
}

function rejected(plan: PlanView): Markup {
  const rows = rejections(plan).map(({ code, count, example }) => [
    markup`<code>${code}</code>`,
    formatCount(count),
    example,
  ])
  const columns: readonly Column[] = [
    { head: 'Reason' },
    { head: 'Count', kind: 'number' },
    { head: 'For example' },
  ]
  return rows.length === 0
    ? NOTHING
    : markup`<h2>Would be rejected</h2>${table('Would be rejected', columns, rows)}`
}

function named({ name, mapping }: MappingView): Part {
  return markup`<span class="strong">${name}</span><br><span class="soft">${mapping}</span>`
}

function ofSections(plan: PlanView, ...sections: readonly string[]): readonly MappingView[] {
  return plan.mappings.filter(({ mapping }) => sections.includes(readMappingId(mapping).section))
}

function memberships(plan: PlanView): Markup {
  const own = ofSections(plan, 'audiences', 'segments').toSorted(
    (a, b) => b.leaves - a.leaves || b.joins - a.joins,
  )
  if (own.length === 0) return NOTHING
  const most = Math.max(...own.map(({ joins, leaves }) => Math.max(joins, leaves)), 1)
  const rows = own.map((one) => [
    named(one),
    membersText(one),
    counted(one.leaves),
    divergingBar(one, most),
    counted(one.joins),
    counted(one.data_points),
  ])
  return markup`<h2>Audiences and segments</h2>${table('Audiences and segments', MEMBERSHIP_COLUMNS, rows)}`
}

function membersText({ members, joins, leaves }: MappingView): Part {
  if (joins + leaves === 0) return counted(0)
  const before = members ?? 0
  return markup`${formatCount(before)} → <span class="strong">${formatCount(before + joins - leaves)}</span>`
}

function traits(plan: PlanView): Markup {
  const own = ofSections(plan, 'traits', 'enrichment')
  if (own.length === 0) return NOTHING
  const whole = (one: MappingView) => one.new + one.changed + one.unset
  const most = Math.max(...own.map(whole), 1)
  const rows = own
    .toSorted((a, b) => whole(b) - whole(a))
    .map((one) => [
      named(one),
      counted(one.new),
      counted(one.changed),
      counted(one.unset),
      rowBar({
        parts: [
          { name: 'new', count: one.new, fill: 2 },
          { name: 'changed', count: one.changed, fill: 1 },
          { name: 'unset', count: one.unset, fill: 3 },
        ],
        most,
      }),
      counted(one.events),
      counted(one.data_points),
    ])
  return markup`<h2>Traits</h2>${table('Traits', TRAIT_COLUMNS, rows)}`
}

function cost({ mappings, braze }: PlanView): Markup {
  const own = mappings
    .filter(({ data_points: points }) => points > 0)
    .toSorted((a, b) => b.data_points - a.data_points)
  if (own.length === 0) return NOTHING
  const most = Math.max(...own.map(({ data_points: points }) => points))
  const rows = own.map(({ name, mapping, data_points: count }) => [
    markup`<span class="strong">${name}</span> <span class="soft">${mapping}</span>`,
    formatCount(count),
    formatShare(count, braze.data_points),
    rowBar({ parts: [{ name: 'data points', count, fill: 1 }], most }),
  ])
  return markup`<h2>Cost by mapping</h2>${table('Cost by mapping', COST_COLUMNS, rows)}`
}

function unmapped({ unmapped: keys }: PlanView): Markup {
  if (keys.length === 0) return NOTHING
  const rows = keys.map(({ key, count }) => [markup`<code>${key}</code>`, formatCount(count)])
  const title = 'In the data, but in no mapping'
  const columns: readonly Column[] = [{ head: 'Key' }, { head: 'Records', kind: 'number' }]
  return folded(title, table(title, columns, rows))
}
