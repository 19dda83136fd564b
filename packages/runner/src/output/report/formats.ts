import { appendFile } from 'node:fs/promises'
import type { Report } from '@engage-sync/core'
import type { Io } from '../../process/io.ts'
import { coloursFor } from '../text/colours.ts'
import { renderAnnotation } from '../formats/github.ts'
import { renderJson } from '../formats/json.ts'
import { renderReport } from './human.ts'
import { renderReportMarkdown } from './markdown.ts'

/** How a report can be written. */
export const REPORT_FORMATS = ['human', 'json', 'markdown', 'github'] as const
export type ReportFormat = (typeof REPORT_FORMATS)[number]

/**
 * Writes a run's report to standard output.
 *
 * Shape: `json` and `markdown` stand alone there; `github` prints the human report and one
 * annotation per reason, and appends the Markdown to the job summary.
 */
export async function writeReport(io: Io, format: ReportFormat, report: Report): Promise<void> {
  if (format === 'json') return io.stdout.write(renderJson(report))
  if (format === 'markdown') return io.stdout.write(renderReportMarkdown(report))
  io.stdout.write(
    renderReport(report, { colours: coloursFor(io.stdout, io.env), columns: io.stdout.columns }),
  )
  if (format !== 'github') return
  for (const { code, count, example } of report.reasons)
    io.stdout.write(
      renderAnnotation({ level: 'warning', title: code, message: `${count} × ${example}` }),
    )
  const summary = io.env['GITHUB_STEP_SUMMARY']
  if (summary !== undefined && summary !== '')
    await appendFile(summary, renderReportMarkdown(report))
}
