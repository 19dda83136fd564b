import type { Report, SyncReport } from '@engage-sync/core'
import { escapeCell, fitComment, markdownTable } from '../formats/markdown.ts'
import { countOf, formatSeconds } from '../text/numbers.ts'
import type { EndOfRun, FailedEnd } from './end.ts'
import { droppedHeadline, droppedLines } from './dropped.ts'
import { unansweredSentences } from './unanswered.ts'
import {
  BRAZE_LINES,
  BRAZE_TROUBLES,
  isBookkeeping,
  noRequestText,
  nothingToSend,
  RECORD_CLASSES,
  skippedMeaning,
  statusWord,
  syncNames,
} from './lines.ts'

const MOST_ROWS = 100

/**
 * A run's report as Markdown for a pull request or a job summary.
 *
 * Shape: a heading with the verdict, its cause, tables, and what needs a look; always shorter than GitHub's limit for
 * comments.
 *
 * @param command - what lets the guards pass that stopped it, or null
 */
export function renderReportMarkdown(report: Report, command: string | null = null): string {
  const blocks = [
    headingOf(report, statusWord(report)),
    causeBlock(report, command),
    `${syncNames(report)}: ${countOf(report.records.read, 'record')} read, ${countOf(report.braze.requests, 'request')} sent in ${formatSeconds(report.seconds)}.`,
    recordTable(report),
    brazeTable(report),
    unansweredSentences(report).join(' '),
    report.syncs.length > 1 ? syncTable(report.syncs) : '',
    reasonTable(report),
    droppedTable(report),
    unmappedList(report),
  ]
  return fitComment(blocks.filter((block) => block !== ''))
}

/** The same of a command that ended before it had anything to report. */
export function renderFailureMarkdown({ environment, status, error }: FailedEnd): string {
  const word = status === 'failed' ? `failed: ${error.code}` : status
  return fitComment([
    headingOf({ environment, status }, word),
    causeBlock({ error, guards: [] }, null),
  ])
}

function headingOf(
  { environment, status }: Pick<Report, 'environment' | 'status'>,
  words: string,
): string {
  return `### ${MARKS[status]} engage-sync · ${escapeCell(environment)} · ${escapeCell(words)}`
}

const MARKS: Readonly<Record<Report['status'], string>> = {
  done: '✅',
  planned: '✅',
  partial: '⚠️',
  interrupted: '⚠️',
  stopped: '🛑',
  failed: '🛑',
}

function causeBlock({ error, guards }: EndOfRun, command: string | null): string {
  if (error === null) return ''
  const found =
    guards.length > 0
      ? guards.map(({ message }) => `- ${escapeCell(message)}`)
      : [escapeCell(error.message)]
  const head = `**${escapeCell(error.code)}**${error.place === null ? '' : ` · ${escapeCell(error.place)}`}`
  const hint =
    command === null
      ? (error.hint?.split('\n') ?? []).map(escapeCell)
      : ['If all of that is meant, this lets it pass once:']
  const alert = error.code === 'INTERRUPTED' ? 'NOTE' : 'CAUTION'
  const lines = [`[!${alert}]`, head, '', ...found, ...(hint.length === 0 ? [] : ['', ...hint])]
  const quote = lines.map((line) => `> ${line}`.trimEnd()).join('\n')
  return command === null ? quote : `${quote}\n\n\`\`\`sh\n${command}\n\`\`\``
}

function recordTable(report: Report): string {
  const rows = RECORD_CLASSES.filter(({ key }) => report.records[key] > 0).map(
    ({ key, meaning }) => [
      key,
      report.records[key],
      key === 'skipped' ? skippedMeaning(report) : meaning,
    ],
  )
  return rows.length === 0 ? '' : markdownTable(['records', 'count', ''], rows)
}

function brazeTable(report: Report): string {
  if (nothingToSend(report)) return noRequestText(report)
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
  const reasons = report.reasons.filter(({ code }) => !isBookkeeping(code))
  if (reasons.length === 0) return ''
  const rows = reasons.slice(0, MOST_ROWS).map(({ code, count, example }) => [code, count, example])
  return `<details><summary>Skipped and rejected records</summary>\n\n${markdownTable(['code', 'count', 'example'], rows)}\n\n</details>`
}

function droppedTable(report: Report): string {
  const rows = droppedLines(report).map(({ count, what, why, advice }) => [
    what,
    count,
    `${why} ${advice}`.trim(),
  ])
  if (rows.length === 0) return ''
  return `**${droppedHeadline(report)}**\n\n${markdownTable(['what', 'count', 'why'], rows)}`
}

function unmappedList(report: Report): string {
  if (report.unmapped.length === 0) return ''
  const rows = report.unmapped.slice(0, MOST_ROWS).map(({ key, count }) => [key, count])
  return `<details><summary>In the data, but in no mapping</summary>\n\n${markdownTable(['key', 'records'], rows)}\n\n</details>`
}
