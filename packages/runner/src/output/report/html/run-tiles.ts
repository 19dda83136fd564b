import type { Report } from '@engage-sync/core'
import { tiles, trend } from '../../html/index.ts'
import type { Markup, Tile } from '../../html/index.ts'
import { formatCount, formatSeconds, formatShare } from '../../text/numbers.ts'
import { monthToDate, recentRuns } from './run-page-view.ts'
import type { RunPage } from './run-page-view.ts'

/** Four numbers of a run, each beside the run before it and as it went over the last ones. */
export function runTiles(page: RunPage, report: Report): Markup {
  const recent = recentRuns(page).map((one) => one.report)
  const before = recent.at(-2) ?? null
  const isStopped = report.status === 'stopped'
  const drawn = (of: (each: Report) => number, what: string) =>
    trend(recent.map(of), `${what} of the last ${recent.length} runs`)
  const made: readonly Tile[] = [
    {
      name: isStopped ? 'Users it would change' : 'Users changed',
      value: formatCount(report.users.changed),
      note: `of ${formatCount(report.users.seen)} seen${beside(before, ({ users }) => users.changed, report)}`,
      chart: drawn(({ users }) => users.changed, 'Users changed'),
    },
    {
      name: isStopped ? 'Data points it would use' : 'Data points',
      value: formatCount(pointsOf(report)),
      note: pointsNote(page, report),
      chart: drawn(({ braze }) => braze.data_points, 'Data points'),
    },
    {
      name: 'Duration',
      value: formatSeconds(report.seconds),
      note: durationNote(before, report),
      chart: drawn(({ seconds }) => seconds, 'Duration'),
    },
    {
      name: isStopped ? 'Not sent' : 'Waiting or refused',
      value: formatCount(unwell(report)),
      note: unwellNote(report),
      chart: drawn(unwell, 'Waiting or refused'),
    },
  ]
  return tiles(made)
}

function beside(before: Report | null, of: (report: Report) => number, report: Report): string {
  if (before === null) return ''
  const more = of(report) - of(before)
  if (more === 0) return ', as in the run before'
  return `, ${formatCount(Math.abs(more))} ${more > 0 ? 'more' : 'fewer'} than before`
}

/** Data points of a run; of one that guards stopped, those it would have used. */
export function pointsOf({ status, mappings = [], braze }: Report): number {
  if (status !== 'stopped') return braze.data_points
  return mappings.reduce((sum, { planned }) => sum + planned.data_points, 0)
}

function pointsNote(page: RunPage, report: Report): string {
  const { maxDataPoints: most } = page
  const share =
    most === null || most === 0
      ? []
      : [`${formatShare(pointsOf(report), most)} of ${formatCount(most)} a run may use`]
  const month = monthToDate(page)
  return [...share, `${formatCount(month.dataPoints)} this month`].join('; ')
}

function durationNote(before: Report | null, { braze }: Report): string {
  const requests = `${formatCount(braze.requests)} requests`
  return before === null ? requests : `${requests}; ${formatSeconds(before.seconds)} before`
}

function unwell({ braze, rejected }: Report): number {
  return braze.pending + braze.rejected + rejected.count
}

function unwellNote({ braze, rejected, dead_letters: letters }: Report): string {
  const parts = [
    ...(braze.pending > 0 ? [`${formatCount(braze.pending)} wait`] : []),
    ...(braze.rejected > 0 ? [`${formatCount(braze.rejected)} refused`] : []),
    ...(rejected.count > 0 ? [`${formatCount(rejected.count)} rejected`] : []),
    ...(letters > 0 ? [`${formatCount(letters)} dead letters`] : []),
  ]
  return parts.length === 0 ? 'all of it was delivered' : parts.join(', ')
}
