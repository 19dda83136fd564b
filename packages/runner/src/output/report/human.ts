import { zip } from '@engage-sync/core'
import type { Report, SyncReport } from '@engage-sync/core'
import type { Colours } from '../text/colours.ts'
import { causeLines } from './cause.ts'
import { hintFor } from './hints.ts'
import { countOf, formatCount, formatSeconds } from '../text/numbers.ts'
import {
  BRAZE_LINES,
  BRAZE_TROUBLES,
  RECORD_CLASSES,
  isBookkeeping,
  noRequestText,
  nothingToSend,
  skippedMeaning,
  statusWord,
  syncNames,
  waitingMeaning,
} from './lines.ts'
import { alignRows, shorten } from '../text/table.ts'
import { safeLine } from '../text/safe-text.ts'
import { droppedHeadline, droppedLines } from './dropped.ts'
import { reportSentences } from './sentences.ts'

/** How a report is laid out. */
export interface HumanOptions {
  readonly colours: Colours
  /** Width in characters. */
  readonly columns: number
  /** Whether the cause is told, too; false where standard error tells it. Default true. */
  readonly withCause?: boolean
}

const MOST_UNMAPPED = 8
const MOST_REASONS = 12

/**
 * A run's report for a terminal.
 *
 * Shape: a headline, what was read, what was sent, the syncs side by side, then what needs a look. Ends with a line end.
 */
export function renderReport(report: Report, options: HumanOptions): string {
  const blocks = [
    [
      headline(report, options.colours),
      ...(options.withCause === false ? [] : causeLines(report, options.colours)),
    ],
    recordLines(report, options.colours),
    brazeLines(report, options.colours),
    report.syncs.length > 1 ? syncLines(report.syncs, options.colours) : [],
    recoveredLines(report),
    reasonLines(report, options),
    droppedBlock(report, options),
    unmappedLines(report, options),
  ]
  return `${blocks
    .filter((block) => block.length > 0)
    .map((block) => block.join('\n'))
    .join('\n\n')}\n`
}

function headline(report: Report, colours: Colours): string {
  const good = report.status === 'done' || report.status === 'planned'
  const bad = report.status === 'failed' || report.status === 'stopped'
  const mark = good ? colours.green('✓') : bad ? colours.red('✗') : colours.yellow('!')
  const run = report.status === 'planned' ? 'plan' : `run ${report.run}`
  const parts = [
    colours.bold(run),
    report.environment,
    syncNames(report),
    statusWord(report),
    formatSeconds(report.seconds),
  ]
  return `${mark} ${parts.join(' · ')}`
}

function recordLines(report: Report, colours: Colours): readonly string[] {
  const rows = [['', formatCount(report.records.read), colours.bold('records read'), '']]
  for (const { key, meaning } of RECORD_CLASSES) {
    const count = report.records[key]
    if (count > 0)
      rows.push([
        '',
        formatCount(count),
        key === 'rejected' ? colours.red(key) : key,
        colours.dim(key === 'skipped' ? skippedMeaning(report) : meaning),
      ])
  }
  const users = `${countOf(report.users.seen, 'user')} seen, ${formatCount(report.users.changed)} changed`
  const superseded =
    report.values.superseded === 0
      ? ''
      : `; ${countOf(report.values.superseded, 'value')} overtaken before sending`
  return [...alignRows(rows, ['left', 'right']), '', `  ${colours.dim(users + superseded)}`]
}

function brazeLines(report: Report, colours: Colours): readonly string[] {
  const { braze } = report
  if (nothingToSend(report)) return [`  ${noRequestText(report)}`]
  const rows = [
    [
      '',
      formatCount(braze.requests),
      colours.bold(braze.requests === 1 ? 'request to Braze' : 'requests to Braze'),
      '',
    ],
  ]
  for (const { key, name } of BRAZE_LINES)
    if (braze[key] > 0) rows.push(['', formatCount(braze[key]), name, ''])
  rows.push(['', formatCount(braze.data_points), 'data points', colours.dim('what Braze bills')])
  for (const { key, name } of BRAZE_TROUBLES) {
    const whose = key === 'pending' ? colours.dim(waitingMeaning(report)) : ''
    if (braze[key] > 0) rows.push(['', formatCount(braze[key]), colours.yellow(name), whose])
  }
  if (report.dead_letters > 0)
    rows.push([
      '',
      formatCount(report.dead_letters),
      colours.yellow('dead letters'),
      colours.dim('engage-sync dead-letters'),
    ])
  return alignRows(rows, ['left', 'right'])
}

function syncLines(syncs: readonly SyncReport[], colours: Colours): readonly string[] {
  const head = [
    '',
    'sync',
    'changed',
    'attributes',
    'events',
    'cohort +',
    'cohort -',
    'data points',
    'refused',
  ].map((cell) => colours.dim(cell))
  const rows = syncs.map(({ sync, values, braze }) => [
    '',
    sync,
    ...[
      values.changed,
      braze.attributes,
      braze.events,
      braze.cohort_adds,
      braze.cohort_removals,
      braze.data_points,
    ].map(formatCount),
    formatCount(braze.rejected + values.rejected),
  ])
  return alignRows(
    [head, ...rows],
    ['left', 'left', 'right', 'right', 'right', 'right', 'right', 'right', 'right'],
  )
}

function recoveredLines(report: Report): readonly string[] {
  return reportSentences(report).map((sentence) => `  ${sentence}`)
}

function droppedBlock(report: Report, { colours, columns }: HumanOptions): readonly string[] {
  const dropped = droppedLines(report)
  if (dropped.length === 0) return []
  const lines = [`  ${colours.bold(droppedHeadline(report))}`]
  const rows = dropped.map(({ count, what }) => ['', formatCount(count), safeLine(what)])
  for (const [row, { why, advice }] of zip(alignRows(rows, ['left', 'right']), dropped)) {
    lines.push(`  ${row}`)
    for (const more of [why, advice])
      if (more !== '')
        lines.push(colours.dim(`          ${shorten(safeLine(more), Math.max(40, columns - 10))}`))
  }
  return lines
}

function reasonLines(report: Report, { colours, columns }: HumanOptions): readonly string[] {
  const reasons = report.reasons.filter(({ code }) => !isBookkeeping(code))
  if (reasons.length === 0) return []
  const lines = [`  ${colours.bold('Why records were skipped or rejected')}`]
  const shown = reasons.slice(0, MOST_REASONS)
  const rows = shown.map((reason) => ['', formatCount(reason.count), reason.code])
  for (const [line, { code, example }] of zip(alignRows(rows, ['left', 'right']), shown)) {
    lines.push(`  ${line}`)
    for (const more of [example, hintFor(code)])
      if (more)
        lines.push(colours.dim(`          ${shorten(safeLine(more), Math.max(40, columns - 10))}`))
  }
  const left = reasons.length - shown.length
  if (left > 0)
    lines.push(colours.dim(`    and ${countOf(left, 'reason')} more: --format json lists all`))
  return lines
}

function unmappedLines(report: Report, { colours }: HumanOptions): readonly string[] {
  if (report.unmapped.length === 0) return []
  const shown = report.unmapped
    .slice(0, MOST_UNMAPPED)
    .map(({ key, count }) => `${safeLine(key)} (${formatCount(count)})`)
  const left = report.unmapped.length - shown.length
  const rest = left > 0 ? ` and ${formatCount(left)} more` : ''
  return [`  ${colours.bold('In the data, but in no mapping')}`, `    ${shown.join(', ')}${rest}`]
}
