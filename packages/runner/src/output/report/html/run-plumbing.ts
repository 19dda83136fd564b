import type { Report } from '@engage-sync/core'
import { counted, folded, legend, markup, NOTHING, stackedBar, table } from '../../html/index.ts'
import type { BarPart, Fill, Markup } from '../../html/index.ts'
import { countOf } from '../../text/numbers.ts'
import { BRAZE_TROUBLES, RECORD_CLASSES, skippedMeaning } from '../lines.ts'
import { skippedReasons } from './run-problems.ts'

const FILLS: Readonly<Record<(typeof RECORD_CLASSES)[number]['key'], Fill>> = {
  changed: 2,
  unchanged: 6,
  duplicate: 5,
  stale: 1,
  unmapped: 3,
  skipped: 7,
  rejected: 4,
}

/** How the run worked, folded: what became of the records, what went to Braze, sync by sync. */
export function plumbing(report: Report): Markup {
  return markup`${recordFates(report)}${sentToBraze(report)}${syncTable(report)}`
}

function recordFates(report: Report): Markup {
  const { records } = report
  const summary = markup`${countOf(records.read, 'record')} read <span class="soft">what became of them</span>`
  if (records.read === 0)
    return folded(summary, markup`<p>Nothing new was there to read.</p>`, skippedReasons(report))
  const parts: readonly BarPart[] = RECORD_CLASSES.map(({ key }) => ({
    name: key,
    count: records[key],
    fill: FILLS[key],
  }))
  const meanings = new Map<string, string>(RECORD_CLASSES.map(({ key, meaning }) => [key, meaning]))
  meanings.set('skipped', skippedMeaning(report))
  return folded(
    summary,
    stackedBar(parts, 'Records by what became of them'),
    legend(parts, meanings),
    skippedReasons(report),
  )
}

function sentToBraze({ braze }: Report): Markup {
  const parts: readonly BarPart[] = [
    { name: 'attributes', count: braze.attributes, fill: 1 },
    { name: 'events', count: braze.events, fill: 2 },
    { name: 'cohort members added', count: braze.cohort_adds, fill: 5 },
    { name: 'cohort members removed', count: braze.cohort_removals, fill: 3 },
  ]
  const troubles = BRAZE_TROUBLES.filter(({ key }) => braze[key] > 0).map(
    ({ key, name, one = name }) => countOf(braze[key], one, name),
  )
  const note = troubles.length === 0 ? NOTHING : markup`<p class="soft">${troubles.join(' · ')}</p>`
  const isNothing = parts.every(({ count }) => count === 0)
  const drawn = isNothing
    ? markup`<p>Nothing was taken.</p>`
    : markup`${stackedBar(parts, 'Sent to Braze by kind')}${legend(parts)}`
  const summary = markup`${countOf(braze.requests, 'request')} to Braze <span class="soft">what they carried</span>`
  return braze.requests === 0 && isNothing && troubles.length === 0
    ? NOTHING
    : folded(summary, drawn, note)
}

function syncTable({ syncs }: Report): Markup {
  if (syncs.length < 2) return NOTHING
  const heads = [
    'Changed',
    'Attributes',
    'Events',
    'Join',
    'Leave',
    'Refused',
    'Data points',
  ] as const
  const rows = syncs.map(({ sync, values, braze }) => [
    sync,
    ...[
      values.changed,
      braze.attributes,
      braze.events,
      braze.cohort_adds,
      braze.cohort_removals,
      braze.rejected + values.rejected,
      braze.data_points,
    ].map(counted),
  ])
  const columns = [{ head: 'Sync' }, ...heads.map((head) => ({ head, kind: 'number' as const }))]
  return folded(countOf(syncs.length, 'sync'), table('Syncs', columns, rows))
}
