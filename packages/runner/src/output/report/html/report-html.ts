import type { Report, RunRecord } from '@engage-sync/core'
import { endOf, storedReport } from '../end.ts'
import type { EndOfRun } from '../end.ts'
import { hintFor } from '../hints.ts'
import { formatCount, formatSeconds } from '../../text/numbers.ts'
import {
  BRAZE_TROUBLES,
  RECORD_CLASSES,
  isBookkeeping,
  noRequestText,
  nothingToSend,
  skippedMeaning,
  statusWord,
  syncNames,
} from '../lines.ts'
import { droppedHeadline, droppedLines } from '../dropped.ts'
import { unansweredSentences } from '../unanswered.ts'
import { legend, stackedBar } from './bars.ts'
import type { Part } from './bars.ts'
import { escapeHtml } from './escape.ts'
import { htmlPage, htmlTable } from './page.ts'

/** When and by whom, where the state knows it. */
export type RunFacts = Pick<RunRecord, 'startedAt' | 'actor' | 'commit'>

const TONES: Readonly<
  Record<keyof Report['records'] & (typeof RECORD_CLASSES)[number]['key'], string>
> = {
  changed: 'good',
  unchanged: 'calm',
  duplicate: 'pale',
  stale: 'soft',
  unmapped: 'note',
  skipped: 'pale',
  rejected: 'bad',
}

/**
 * A run's report as one HTML page.
 *
 * Shape: a report and what is known of its run in; a self-contained page out, light or dark as its reader prefers.
 */
export function renderReportHtml(report: Report, facts: RunFacts | null = null): string {
  const title = `engage-sync run ${report.run} · ${report.environment}`
  return htmlPage(
    title,
    [
      headOf(report, facts),
      causeOf(report),
      cardsOf(report),
      recordsOf(report),
      brazeOf(report),
      unansweredOf(report),
      syncsOf(report),
      reasonsOf(report),
      droppedOf(report),
      unmappedOf(report),
      FOOTER,
    ].join('\n'),
  )
}

/**
 * A past run as one HTML page: its report, or how it ended where it never came as far.
 *
 * @param environment - whose run it was
 */
export function renderRunHtml(run: RunRecord, environment: string): string {
  const report = storedReport(run)
  if (report !== null) return renderReportHtml(report, run)
  const title = `engage-sync run ${run.number} · ${environment}`
  const head = headline({ run: run.number, environment, tone: ' bad', words: run.status })
  return htmlPage(title, [head, details(factsOf(run)), causeOf(endOf(run)), FOOTER].join('\n'))
}

const FOOTER =
  '<footer>Made by engage-sync. Holds counts and field names, no values and no user ids.</footer>'

function headOf(report: Report, facts: RunFacts | null): string {
  const { run, environment, status } = report
  const tone =
    status === 'done' || status === 'planned' ? '' : status === 'partial' ? ' warn' : ' bad'
  const known = facts === null ? [] : factsOf(facts)
  const about = details([syncNames(report), ...known, formatSeconds(report.seconds)])
  return `${headline({ run, environment, tone, words: statusWord(report) })}\n${about}`
}

interface Headline {
  readonly run: number
  readonly environment: string
  readonly tone: string
  readonly words: string
}

function headline({ run, environment, tone, words }: Headline): string {
  return `<h1>Run ${run} · ${escapeHtml(environment)}<span class="pill${tone}">${escapeHtml(words)}</span></h1>`
}

function factsOf({ startedAt, actor, commit }: RunFacts): readonly string[] {
  return [startedAt, actor, commit === null ? null : `commit ${commit.slice(0, 12)}`].filter(
    (fact) => fact !== null,
  )
}

function details(facts: readonly string[]): string {
  return `<p class="dim">${facts.map(escapeHtml).join(' · ')}</p>`
}

/** Why it ended, first of all; nothing for a run that was not ended. */
function causeOf({ error, guards }: EndOfRun): string {
  if (error === null) return ''
  const place =
    error.place === null ? '' : ` <span class="dim mono">${escapeHtml(error.place)}</span>`
  const found =
    guards.length > 1
      ? `<ul>${guards.map(({ message }) => `<li>${escapeHtml(message)}</li>`).join('')}</ul>`
      : ''
  const hint =
    error.hint === null ? '' : `<p>${escapeHtml(error.hint).replaceAll('\n', '<br>')}</p>`
  return `<div class="cause"><p><b class="mono">${escapeHtml(error.code)}</b>${place}</p><p>${escapeHtml(error.message)}</p>${found}${hint}</div>`
}

function cardsOf(report: Report): string {
  const cards: readonly (readonly [number, string])[] = [
    [report.records.read, 'records read'],
    [report.users.changed, 'users changed'],
    [report.braze.requests, 'requests'],
    [report.braze.data_points, 'data points'],
    [report.dead_letters, 'dead letters'],
  ]
  return `<div class="cards">${cards.map(([count, name]) => `<div class="card"><b>${formatCount(count)}</b><span class="dim">${name}</span></div>`).join('')}</div>`
}

function recordsOf(report: Report): string {
  const parts: Part[] = RECORD_CLASSES.map(({ key }) => ({
    name: key,
    count: report.records[key],
    tone: TONES[key],
  }))
  const meanings = new Map<string, string>(RECORD_CLASSES.map(({ key, meaning }) => [key, meaning]))
  meanings.set('skipped', skippedMeaning(report))
  if (report.records.read === 0) return '<h2>Records</h2><p>Nothing new was there to read.</p>'
  return `<h2>What became of ${formatCount(report.records.read)} records</h2>\n${stackedBar(parts, 'Records by outcome')}\n${legend(parts, meanings)}`
}

function brazeOf(report: Report): string {
  if (nothingToSend(report)) return `<h2>Braze</h2><p>${noRequestText(report)}</p>`
  const { braze } = report
  const parts: Part[] = [
    { name: 'attributes', count: braze.attributes, tone: 'deep' },
    { name: 'events', count: braze.events, tone: 'good' },
    { name: 'cohort members added', count: braze.cohort_adds, tone: 'soft' },
    { name: 'cohort members removed', count: braze.cohort_removals, tone: 'note' },
  ]
  const troubles = BRAZE_TROUBLES.filter(({ key }) => braze[key] > 0).map(
    ({ key, name }) => `${formatCount(braze[key])} ${name}`,
  )
  const note = troubles.length === 0 ? '' : `<p class="dim">${escapeHtml(troubles.join(' · '))}</p>`
  const isNothing = parts.every(({ count }) => count === 0)
  if (isNothing) return `<h2>What went to Braze</h2><p>Nothing.</p>${note}`
  return `<h2>What went to Braze</h2>\n${stackedBar(parts, 'Changes sent by kind')}\n${legend(parts, new Map())}${note}`
}

function syncsOf(report: Report): string {
  if (report.syncs.length < 2) return ''
  const rows = report.syncs.map(({ sync, values, braze }) => [
    sync,
    ...[
      values.changed,
      braze.attributes,
      braze.events,
      braze.cohort_adds,
      braze.cohort_removals,
      braze.data_points,
    ].map(formatCount),
  ])
  const head = [
    'sync',
    'values changed',
    'attributes',
    'events',
    'cohort adds',
    'cohort removals',
    'data points',
  ]
  return `<h2>Syncs</h2>${htmlTable(head, rows, [1, 2, 3, 4, 5, 6])}`
}

function reasonsOf(report: Report): string {
  const reasons = report.reasons.filter(({ code }) => !isBookkeeping(code))
  if (reasons.length === 0) return ''
  const rows = reasons.map(({ code, count, example }) => [
    formatCount(count),
    code,
    [example, hintFor(code)].filter(Boolean).join(' '),
  ])
  return `<h2>Skipped and rejected</h2>${htmlTable(['count', 'code', 'for example'], rows, [0])}`
}

function unansweredOf(report: Report): string {
  const sentences = unansweredSentences(report)
  return sentences.length === 0 ? '' : `<p>${escapeHtml(sentences.join(' '))}</p>`
}

function droppedOf(report: Report): string {
  const rows = droppedLines(report).map(({ count, what, why, advice }) => [
    formatCount(count),
    what,
    `${why} ${advice}`.trim(),
  ])
  if (rows.length === 0) return ''
  const table = htmlTable(['count', 'what', 'why'], rows, [0])
  return `<h2>${escapeHtml(droppedHeadline(report))}</h2>${table}`
}

function unmappedOf(report: Report): string {
  if (report.unmapped.length === 0) return ''
  const rows = report.unmapped.map(({ key, count }) => [formatCount(count), key])
  return `<h2>In the data, but in no mapping</h2>${htmlTable(['records', 'key'], rows, [0])}`
}
