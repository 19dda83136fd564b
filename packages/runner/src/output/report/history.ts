import type { Report, RunRecord } from '@engage-sync/core'
import type { UnbegunRun } from '../../workspace/state/unbegun-runs.ts'
import type { Colours } from '../text/colours.ts'
import { formatCount, formatInstant, formatSeconds } from '../text/numbers.ts'
import { causeLines } from './cause.ts'
import { endOf, storedReport } from './end.ts'
import { renderReport } from './human.ts'
import type { Align } from '../text/table.ts'
import { alignRows, shorten } from '../text/table.ts'

const ACTOR_WIDTH = 24
const COMMIT_WIDTH = 8

/** Counts of a run that a line of the history shows, and their heads. */
const COUNTS: readonly (readonly [head: string, of: (report: Report) => number])[] = [
  ['read', ({ records }) => records.read],
  ['changed', ({ records }) => records.changed],
  ['attributes', ({ braze }) => braze.attributes],
  ['events', ({ braze }) => braze.events],
  ['cohorts', ({ braze }) => braze.cohort_adds + braze.cohort_removals],
  ['points', ({ braze }) => braze.data_points],
  ['rejected', ({ records }) => records.rejected],
  ['refused', ({ braze }) => braze.rejected],
]

/**
 * Past runs for a terminal, one line each, newest first.
 *
 * Shape: number, start, time taken, who, git commit, status, counts. Ends with a line end.
 *
 * @param unbegun - runs without a number, put between the others by their start
 */
export function renderHistory(
  runs: readonly RunRecord[],
  unbegun: readonly UnbegunRun[],
  colours: Colours,
): string {
  if (runs.length + unbegun.length === 0) return 'No run yet.\n'
  const head = [
    'run',
    'started (UTC)',
    'took',
    'by',
    'commit',
    'status',
    ...COUNTS.map(([name]) => name),
  ].map((cell) => colours.dim(cell))
  const begun = runs.map((run): Line => [
    Date.parse(run.startedAt),
    [
      String(run.number),
      formatInstant(run.startedAt),
      tookOf(run),
      shorten(run.actor ?? '-', ACTOR_WIDTH),
      run.commit?.slice(0, COMMIT_WIDTH) ?? '-',
      statusOf(run, colours),
      ...countsOf(run),
    ],
  ])
  const rows = [...begun, ...unbegun.map((run) => unbegunLine(run, colours))]
    .sort(([one], [other]) => other - one)
    .map(([, cells]) => cells)
  const align: readonly Align[] = [
    'right',
    'left',
    'right',
    'left',
    'left',
    'left',
    ...COUNTS.map(() => 'right' as const),
  ]
  return `${alignRows([head, ...rows], align).join('\n')}\n`
}

/** A line of the history, and when its run began, milliseconds since the epoch. */
type Line = readonly [startedMs: number, cells: readonly string[]]

function unbegunLine({ startedMs, endedMs, status, error }: UnbegunRun, colours: Colours): Line {
  const took = formatSeconds((endedMs - startedMs) / 1000)
  const end = colours.red(`${status}: ${error.code}`)
  const about = ['-', formatInstant(startedMs), took, '-', '-', end]
  return [startedMs, [...about, ...COUNTS.map(() => '-')]]
}

/** One run for a terminal: whose it was, then its report where it has one. */
export function renderRun(
  run: RunRecord,
  options: { readonly colours: Colours; readonly columns: number },
): string {
  const { colours } = options
  const rows: readonly (readonly [string, string])[] = [
    ['started', `${formatInstant(run.startedAt)} UTC`],
    ['took', tookOf(run)],
    ['by', run.actor ?? '-'],
    ['git commit', run.commit ?? '-'],
    ['configuration', run.fingerprint.split('+').join(' ')],
    [
      'status',
      `${statusOf(run, colours)}${WHY[run.status] === undefined ? '' : colours.dim(`  ${WHY[run.status]}`)}`,
    ],
  ]
  const lines = alignRows(
    rows.map(([name, value]) => ['', colours.dim(name), value]),
    [],
  )
  const stored = storedReport(run)
  const report = stored === null ? causeOfRun(run, colours) : `\n${renderReport(stored, options)}`
  return `${colours.bold(`run ${run.number}`)}\n${lines.join('\n')}\n${report}`
}

/** Of a run that never came as far as a report. */
function causeOfRun(run: RunRecord, colours: Colours): string {
  const lines = causeLines(endOf(run), colours)
  return lines.length === 0 ? '' : `\n${lines.join('\n')}\n`
}

function tookOf({ startedAt, finishedAt }: RunRecord): string {
  return finishedAt === null
    ? '-'
    : formatSeconds((Date.parse(finishedAt) - Date.parse(startedAt)) / 1000)
}

function countsOf({ report }: RunRecord): readonly string[] {
  if (report === null) return COUNTS.map(() => '-')
  return COUNTS.map(([, of]) => formatCount(of(report as unknown as Report)))
}

function statusOf(run: RunRecord, colours: Colours): string {
  const { status } = run
  const code = endOf(run).error?.code
  if (status === 'done') return colours.green(status)
  if (status === 'failed') return colours.red(code === undefined ? status : `${status}: ${code}`)
  if (status === 'abandoned') return colours.red(status)
  return colours.yellow(status)
}

/** What a status means where the word alone does not tell. */
const WHY: Readonly<Partial<Record<RunRecord['status'], string>>> = {
  running: 'it holds the lease, or was killed and the next run has yet to notice',
  partial: 'finished, but something was refused or is left for the next run',
  stopped: 'a guard stopped it before anything was sent',
  failed: 'an error ended it; what was delivered before is committed',
  interrupted: 'a signal ended it; what was in flight is committed',
  abandoned: 'it was killed; the next run went on from its last commit',
}
