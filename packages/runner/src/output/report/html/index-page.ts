import type { RunRecord } from '@engage-sync/core'
import {
  columnChart,
  counted,
  folded,
  legend,
  markup,
  NOTHING,
  pageText,
  pill,
  table,
  tiles,
  trend,
} from '../../html/index.ts'
import type { BarPart, Column, Fill, Markup, Part } from '../../html/index.ts'
import type { SyncOverview } from '../../syncs/sync-overview.ts'
import {
  countOf,
  formatCount,
  formatInstant,
  formatSeconds,
  formatShare,
} from '../../text/numbers.ts'
import type { UnbegunRun } from '../../../workspace/state/unbegun-runs.ts'
import { storedReport } from '../end.ts'
import { momentText } from './moment.ts'
import { bandOf, toneOf, verdict } from './run-head.ts'
import { mappingName } from './run-mappings.ts'
import { FOOT } from './run-page.ts'
import {
  changedUsers,
  mappingRows,
  monthToDate,
  namesInBraze,
  reportedRuns,
} from './run-page-view.ts'
import type { MappingRow, ReportedRun } from './run-page-view.ts'
import { unbegunTable } from './unbegun-table.ts'

/** What the page of all runs is made of. */
export interface IndexPage {
  readonly environment: string
  /** Ended ones, the latest first; at least one. */
  readonly runs: readonly RunRecord[]
  /** Runs that the state never came to know, the latest first. */
  readonly unbegun: readonly UnbegunRun[]
  readonly syncs: readonly SyncOverview[]
}

/** Runs that are drawn, and runs whose rows stand open. */
const MOST_DRAWN = 60
const MOST_OPEN = 40
/** Runs that are listed at all. */
const MOST_LISTED = 500

/**
 * All runs of an environment as one HTML page: how the last one ended, how costs, users and durations went, the
 * members of each audience and segment over time, and a line a run.
 */
export function renderIndexPage(page: IndexPage): string {
  const { environment, runs } = page
  const reported = reportedRuns(runs)
  const drawn = reported.slice(0, MOST_DRAWN).toReversed()
  return pageText({
    title: `engage-sync · ${environment} · all runs`,
    body: [
      head(page),
      indexTiles(runs, drawn),
      pointsChart(drawn),
      membersOverTime(drawn, page.syncs),
      runTable(page),
      unbegunTable(page.unbegun),
    ],
    foot: FOOT,
  })
}

function head({ environment, runs, syncs }: IndexPage): Markup {
  const [last] = runs
  if (last === undefined) return NOTHING
  const counts = Map.groupBy(runs, ({ status }) => status)
  const ends = [...counts].map(([status, own]) => `${formatCount(own.length)} ${status}`)
  const told = { run: last, report: storedReport(last), environment, nameOf: namesInBraze(syncs) }
  return markup`<p class="eyebrow"><b>engage-sync</b> ${environment} · ${countOf(runs.length, 'run')}: ${ends.join(', ')}</p>
${bandOf(told, [`The last one, run ${last.number}, ${momentText(last.startedAt)}`])}`
}

function indexTiles(runs: readonly RunRecord[], drawn: readonly ReportedRun[]): Markup {
  const reports = drawn.map(({ report }) => report)
  const recent = runs.slice(0, MOST_DRAWN)
  const well = recent.filter(({ status }) => status === 'done').length
  const [last] = runs
  const month = last === undefined ? null : monthToDate({ run: last, earlier: runs.slice(1) })
  const users = reports.reduce((sum, report) => sum + changedUsers(report), 0)
  const seconds = reports.map((report) => report.seconds).toSorted((a, b) => a - b)
  const of = `of the last ${recent.length} runs`
  return tiles([
    {
      name: 'Ended well',
      value: formatShare(well, recent.length),
      note: `${formatCount(well)} ${of}, without anything rejected or left`,
    },
    {
      name: 'Users changed',
      value: formatCount(users),
      note: `by the last ${drawn.length} runs together`,
      chart: trend(reports.map(changedUsers), `Users changed ${of}`),
    },
    {
      name: 'Data points this month',
      value: formatCount(month?.dataPoints ?? 0),
      note: month === null ? null : `${month.month}, in ${countOf(month.runs, 'run')}`,
      chart: trend(
        reports.map(({ braze }) => braze.data_points),
        `Data points ${of}`,
      ),
    },
    {
      name: 'Duration',
      value: formatSeconds(seconds[Math.floor(seconds.length / 2)] ?? 0),
      note: `half of the runs took less; the longest ${formatSeconds(seconds.at(-1) ?? 0)}`,
      chart: trend(
        reports.map((report) => report.seconds),
        `Duration ${of}`,
      ),
    },
  ])
}

const FILLS: Readonly<Record<'good' | 'warn' | 'bad' | 'plain', Fill>> = {
  good: 2,
  warn: 3,
  bad: 4,
  plain: 6,
}

function pointsChart(drawn: readonly ReportedRun[]): Markup {
  if (drawn.length < 2) return NOTHING
  const bars = drawn.map(({ run, report }) => ({
    count: report.braze.data_points,
    fill: FILLS[toneOf(run.status)],
    title: `run ${run.number}, ${formatInstant(run.startedAt)}: ${countOf(report.braze.data_points, 'data point')}, ${run.status}`,
  }))
  const ends = (tone: 'good' | 'warn' | 'bad') =>
    drawn.filter(({ run }) => toneOf(run.status) === tone).length
  const parts: readonly BarPart[] = [
    { name: 'done', count: ends('good'), fill: 2 },
    { name: 'partial or interrupted', count: ends('warn'), fill: 3 },
    { name: 'stopped or failed', count: ends('bad'), fill: 4 },
  ]
  const [first, last] = [drawn[0], drawn.at(-1)]
  const most = Math.max(...bars.map(({ count }) => count))
  return markup`<h2>Data points, run by run</h2><div class="card">${columnChart(bars, `Data points of the last ${bars.length} runs, at most ${formatCount(most)}`)}
<p class="row soft small"><span>${formatInstant(first?.run.startedAt ?? 0)} to ${formatInstant(last?.run.startedAt ?? 0)} UTC</span><span>at most ${formatCount(most)} in a run</span></p>${legend(parts)}</div>`
}

interface Followed {
  readonly row: MappingRow
  readonly members: readonly number[]
  readonly joins: number
  readonly leaves: number
}

/** Audiences and segments with their members after each drawn run that moved any. */
function membersOverTime(drawn: readonly ReportedRun[], syncs: readonly SyncOverview[]): Markup {
  const followed = new Map<string, Followed>()
  for (const { report } of drawn) {
    for (const row of mappingRows(report, syncs)) {
      if (row.members === null) continue
      const known = followed.get(row.mapping)
      followed.set(row.mapping, {
        row,
        members: [...(known?.members ?? [row.members.before]), row.members.after],
        joins: (known?.joins ?? 0) + row.sent.joins,
        leaves: (known?.leaves ?? 0) + row.sent.leaves,
      })
    }
  }
  if (followed.size === 0) return NOTHING
  const columns: readonly Column[] = [
    { head: 'Name in Braze' },
    { head: 'Members', kind: 'number' },
    { head: '', kind: 'chart' },
    { head: 'Joined', kind: 'number' },
    { head: 'Left', kind: 'number' },
  ]
  const lines = [...followed.values()]
    .toSorted((a, b) => b.joins + b.leaves - a.joins - a.leaves)
    .map(({ row, members, joins, leaves }) => [
      mappingName(row),
      formatCount(members.at(-1) ?? 0),
      trend(members, `Members of ${row.name}`),
      counted(joins),
      counted(leaves),
    ])
  return markup`<h2>Members over these runs</h2>${table('Members over these runs', columns, lines)}`
}

function runTable({ runs, environment, syncs }: IndexPage): Markup {
  const columns: readonly Column[] = [
    { head: 'Run' },
    { head: 'How it ended' },
    { head: 'Users', kind: 'number' },
    { head: 'Data points', kind: 'number' },
    { head: 'Took', kind: 'number' },
  ]
  const nameOf = namesInBraze(syncs)
  const line = (run: RunRecord): readonly Part[] => {
    const report = storedReport(run)
    const by = [run.actor, run.commit?.slice(0, 8)].filter((text) => typeof text === 'string')
    return [
      markup`<span class="whole"><span class="strong">${run.number}</span> <span class="soft">${formatInstant(run.startedAt)}</span></span>`,
      markup`${pill(run.status, toneOf(run.status))} ${verdict({ run, report, environment, nameOf })}${by.length === 0 ? NOTHING : markup`<br><span class="soft">${by.join(' · ')}</span>`}`,
      counted(report === null ? 0 : changedUsers(report)),
      counted(report?.braze.data_points ?? 0),
      report === null ? counted(0) : formatSeconds(report.seconds),
    ]
  }
  const listed = runs.slice(0, MOST_LISTED)
  const rest = listed.slice(MOST_OPEN)
  const cut = runs.length - listed.length
  const more =
    rest.length === 0
      ? NOTHING
      : folded(
          `and ${countOf(rest.length, 'earlier one')}`,
          table('Earlier runs', columns, rest.map(line)),
        )
  const left =
    cut === 0
      ? NOTHING
      : markup`<p class="soft">${countOf(cut, 'older one')}: <code>engage-sync history --limit ${runs.length}</code></p>`
  return markup`<h2>Runs</h2>${table('Runs', columns, listed.slice(0, MOST_OPEN).map(line))}${more}${left}<p class="soft">Each in full: <code>engage-sync report NUMBER</code></p>`
}
