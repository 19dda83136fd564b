import type { Report, SyncReport } from '@engage-sync/core'
import { escapeCell, fitComment, markdownTable } from '../formats/markdown.ts'
import { countOf, formatSeconds } from '../text/numbers.ts'
import {
  BRAZE_LINES,
  BRAZE_TROUBLES,
  holdsAll,
  nothingToSend,
  RECORD_CLASSES,
  statusWord,
  syncNames,
} from './lines.ts'

const MOST_ROWS = 100

/**
 * A run's report as Markdown for a pull request or a job summary.
 *
 * Shape: a heading, tables, and what needs a look; always shorter than GitHub's limit for comments.
 */
export function renderReportMarkdown(report: Report): string {
  const blocks = [
    `### engage-sync · ${escapeCell(report.environment)} · ${statusWord(report)}`,
    `${syncNames(report)}: ${countOf(report.records.read, 'record')} read, ${countOf(report.braze.requests, 'request')} sent in ${formatSeconds(report.seconds)}.`,
    recordTable(report),
    brazeTable(report),
    report.syncs.length > 1 ? syncTable(report.syncs) : '',
    reasonTable(report),
    unmappedList(report),
  ]
  return fitComment(blocks.filter((block) => block !== ''))
}

function recordTable(report: Report): string {
  const rows = RECORD_CLASSES.filter(({ key }) => report.records[key] > 0).map(
    ({ key, meaning }) => [key, report.records[key], meaning],
  )
  return rows.length === 0 ? '' : markdownTable(['records', 'count', ''], rows)
}

function brazeTable(report: Report): string {
  if (nothingToSend(report))
    return holdsAll(report)
      ? 'Braze already holds all of this: nothing was sent.'
      : 'Nothing new to send.'
  const troubles = BRAZE_TROUBLES.filter(({ key }) => report.braze[key] > 0)
  const rows = [
    ...BRAZE_LINES,
    { key: 'data_points' as const, name: 'data points' },
    ...troubles,
  ].map(({ key, name }) => [name, report.braze[key]])
  return markdownTable(['sent to Braze', 'count'], rows)
}

function syncTable(syncs: readonly SyncReport[]): string {
  const rows = syncs
    .slice(0, MOST_ROWS)
    .map(({ sync, values, braze }) => [
      sync,
      values.changed,
      braze.attributes,
      braze.events,
      braze.cohort_adds,
      braze.cohort_removals,
      braze.data_points,
    ])
  return markdownTable(
    [
      'sync',
      'changed values',
      'attributes',
      'events',
      'cohort adds',
      'cohort removals',
      'data points',
    ],
    rows,
  )
}

function reasonTable(report: Report): string {
  if (report.reasons.length === 0) return ''
  const rows = report.reasons
    .slice(0, MOST_ROWS)
    .map(({ code, count, example }) => [code, count, example])
  return `<details><summary>Skipped and rejected records</summary>\n\n${markdownTable(['code', 'count', 'example'], rows)}\n\n</details>`
}

function unmappedList(report: Report): string {
  if (report.unmapped.length === 0) return ''
  const rows = report.unmapped.slice(0, MOST_ROWS).map(({ key, count }) => [key, count])
  return `<details><summary>In the data, but in no mapping</summary>\n\n${markdownTable(['key', 'records'], rows)}\n\n</details>`
}
