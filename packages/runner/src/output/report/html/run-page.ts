import type { Report } from '@engage-sync/core'
import { markup, NOTHING, pageText } from '../../html/index.ts'
import type { Markup, Part } from '../../html/index.ts'
import { countOf, formatCount, formatShare } from '../../text/numbers.ts'
import { storedReport } from '../end.ts'
import { runHead } from './run-head.ts'
import { costTable, membershipTable, traitTable } from './run-mappings.ts'
import type { Told } from './run-mappings.ts'
import { mappingRows, monthToDate, namesInBraze } from './run-page-view.ts'
import type { RunPage } from './run-page-view.ts'
import { plumbing } from './run-plumbing.ts'
import { problems, unmappedKeys } from './run-problems.ts'
import { pointsOf, runTiles } from './run-tiles.ts'

/** What every page says of itself. */
export const FOOT =
  'Made by engage-sync. Holds counts and names of fields, no values and no ids of users; sent nowhere.'

/**
 * A past run as one HTML page: its report, or how it ended where it never came as far.
 *
 * Shape: one self-contained file, light or dark as its reader prefers, that can be printed.
 */
export function renderRunPage(page: RunPage): string {
  const { run, environment, syncs } = page
  const report = storedReport(run)
  const head = runHead({ run, report, environment, nameOf: namesInBraze(syncs) })
  return pageText({
    title: `engage-sync · ${environment} · run ${run.number}`,
    body: [head, ...(report === null ? [] : reportParts(page, report))],
    foot: FOOT,
  })
}

function reportParts(page: RunPage, report: Report): readonly Part[] {
  const told: Told = report.status === 'stopped' ? 'planned' : 'sent'
  const rows = mappingRows(report, page.syncs)
  return [
    runTiles(page, report),
    told === 'planned' && rows.length > 0
      ? markup`<p class="soft">Nothing was sent. What follows is what the run would have done.</p>`
      : NOTHING,
    problems(report),
    membershipTable(rows, told),
    traitTable(rows, told),
    rows.length === 0 ? NOTHING : costTable(rows, told, budgetText(page, report)),
    markup`<h2>How it worked</h2>`,
    plumbing(report),
    unmappedKeys(report, page.syncs),
  ]
}

function budgetText(page: RunPage, report: Report): Markup {
  const { maxDataPoints: most } = page
  const points = pointsOf(report)
  const month = monthToDate(page)
  const budget =
    most === null || most === 0
      ? 'No guard limits what a run may use (max_data_points).'
      : `This run ${report.status === 'stopped' ? 'would use' : 'used'} ${formatCount(points)} of the ${formatCount(most)} it may use (${formatShare(points, most)}).`
  const days = Number(page.run.startedAt.slice(8, 10))
  const daily = `${formatCount(month.dataPoints / days)} a day`
  return markup`${budget} ${month.month} so far: ${formatCount(month.dataPoints)} in ${countOf(month.runs, 'run')}, ${daily}.`
}
