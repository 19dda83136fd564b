import { appendFile } from 'node:fs/promises'
import type { NormalisedSync, SourceRange } from '@engage-sync/core'
import type { FailOn } from '../../command-line/options.ts'
import type { RunResult } from '../../engine/index.ts'
import { readCiJob } from '../../process/ci-job.ts'
import type { Io } from '../../process/io.ts'
import { coloursFor } from '../text/colours.ts'
import { renderAnnotations } from '../formats/github.ts'
import { renderJson } from '../formats/json.ts'
import { causeAnnotations, reasonAnnotations } from './annotations.ts'
import { allowingCommand } from './cause.ts'
import type { FailedEnd } from './end.ts'
import { renderReport } from './human.ts'
import { renderFailureMarkdown, renderReportMarkdown } from './markdown.ts'
import { viewRun } from './run-view.ts'

/** How a report can be written. */
export const REPORT_FORMATS = ['human', 'json', 'markdown', 'github'] as const
export type ReportFormat = (typeof REPORT_FORMATS)[number]

/** How a report is written, and what it may point at. */
export interface ReportChoice {
  readonly format: ReportFormat
  /** What was typed, quoted for a shell. */
  readonly commandLine: string
  /** Where the mappings and segments stand, by their id. */
  readonly places: ReadonlyMap<string, SourceRange>
  /** What people in Braze know them by. */
  readonly syncs: readonly NormalisedSync[]
  /** Of the guard; null without one. */
  readonly maxDataPoints: number | null
  /** Default: any rejection. */
  readonly failOn?: FailOn
}

/**
 * Writes a run's report to standard output.
 *
 * Shape: `json` and `markdown` stand alone there; `github` prints the human report and annotations for its cause and
 * its reasons, and appends the Markdown to the job summary. The human report leaves the cause to standard error.
 */
export async function writeReport(
  io: Io,
  choice: ReportChoice,
  result: Pick<RunResult, 'report' | 'summary'>,
): Promise<void> {
  const { format, places } = choice
  const { report } = result
  if (format === 'json') return io.stdout.write(renderJson(report))
  if (format === 'markdown') return io.stdout.write(summaryOf(io, choice, result))
  io.stdout.write(
    renderReport(report, {
      colours: coloursFor(io.stdout, io.env),
      columns: io.stdout.isTTY ? io.stdout.columns : Infinity,
      withCause: false,
    }),
  )
  if (format !== 'github') return
  io.stdout.write(
    renderAnnotations([
      ...causeAnnotations(report, places),
      ...reasonAnnotations(report.reasons, places),
    ]),
  )
  await appendSummary(io, summaryOf(io, choice, result))
}

function summaryOf(
  { env }: Io,
  { commandLine, syncs, maxDataPoints }: ReportChoice,
  result: Pick<RunResult, 'report' | 'summary'>,
): string {
  const { guards } = result.report
  const command = guards.length === 0 ? null : allowingCommand(commandLine, guards)
  return renderReportMarkdown(
    viewRun(result, { syncs, maxDataPoints, command, job: readCiJob(env) }),
  )
}

/** An end, in the words of the command that ended. */
export interface ToldEnd extends FailedEnd {
  /** The same as Markdown, where the command has words of its own for it. */
  readonly markdown?: string
}

/**
 * Writes how a command ended before it had anything to report, where its format is read by others
 * than people: those find the cause on standard error.
 */
export async function writeFailure(io: Io, format: ReportFormat, told: ToldEnd): Promise<void> {
  const { markdown = renderFailureMarkdown(told, readCiJob(io.env)), ...ended } = told
  const { error } = ended
  if (format === 'json') io.stdout.write(renderFailureJson(ended))
  if (format === 'markdown') io.stdout.write(markdown)
  if (format !== 'github') return
  io.stdout.write(renderAnnotations(causeAnnotations({ error, guards: [] }, new Map())))
  await appendSummary(io, markdown)
}

/** The end of such a command as data. */
export function renderFailureJson({ environment, status, error }: FailedEnd): string {
  return renderJson({ version: 1, environment, status, error, guards: [] })
}

async function appendSummary(io: Io, markdown: string): Promise<void> {
  const summary = io.env['GITHUB_STEP_SUMMARY']
  if (summary !== undefined && summary !== '') await appendFile(summary, markdown)
}
