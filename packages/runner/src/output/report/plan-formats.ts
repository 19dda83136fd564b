import { appendFile } from 'node:fs/promises'
import type { SourceRange } from '@engage-sync/core'
import { readCiJob } from '../../process/ci-job.ts'
import type { Io } from '../../process/io.ts'
import type { PlanView } from '../../plan/view.ts'
import { writeOut } from '../../workspace/files/write-out.ts'
import { environmentName } from '../../workspace/environment/environment-name.ts'
import type { EnvironmentFlags } from '../../workspace/environment/open-environment.ts'
import { ConfigInvalidError } from '../../workspace/configuration/config-files.ts'
import { renderAnnotations } from '../formats/github.ts'
import { renderJson } from '../formats/json.ts'
import { renderFailedPlan } from '../plan/comment/failure.ts'
import { renderPlan } from '../plan/human.ts'
import { renderPlanMarkdown } from '../plan/markdown.ts'
import { coloursFor } from '../text/colours.ts'
import { guardAnnotations, reasonAnnotations } from './annotations.ts'
import { failedEnd } from './failure.ts'
import { renderFailureJson, writeFailure } from './formats.ts'
import type { ReportFormat } from './formats.ts'

/** A file that gets the plan, too. */
export interface AlsoFile {
  readonly format: 'json' | 'markdown'
  /** Path as it was given. */
  readonly file: string
}

/** How a plan is written. */
export interface PlanChoice {
  readonly format: ReportFormat
  readonly also?: readonly AlsoFile[]
}

/**
 * Writes a plan to standard output, and to the files that were asked for.
 *
 * Shape: `json` and `markdown` stand alone on standard output; `github` prints the plan for people and an annotation
 * for each guard, at its mapping, and appends the Markdown to the job summary.
 *
 * @throws {SyncError} `USAGE_OUT_FILE`
 */
export async function writePlan(
  io: Io,
  choice: PlanChoice & {
    readonly places: ReadonlyMap<string, SourceRange>
    /** What was typed, quoted for a shell. */
    readonly commandLine: string
    /** Samples with values, for people alone; null to show none. */
    readonly whole: PlanView['samples'] | null
  },
  plan: PlanView,
): Promise<void> {
  const { format, also = [], places, whole, commandLine } = choice
  const texts = { json: renderJson(plan), markdown: renderPlanMarkdown(plan, readCiJob(io.env)) }
  for (const one of also) await writeOut({ name: one.file, cwd: io.cwd }, texts[one.format])
  if (format === 'json' || format === 'markdown') return io.stdout.write(texts[format])
  io.stdout.write(
    renderPlan(plan, coloursFor(io.stdout, io.env), {
      isTTY: io.stdout.isTTY,
      columns: io.stdout.columns,
      whole,
      typed: commandLine,
    }),
  )
  if (format !== 'github') return
  const annotations = [
    ...guardAnnotations(plan.guards, places),
    ...reasonAnnotations(plan.reasons, places),
  ]
  io.stdout.write(renderAnnotations(annotations))
  const summary = io.env['GITHUB_STEP_SUMMARY']
  if (summary !== undefined && summary !== '') await appendFile(summary, texts.markdown)
}

/** Writes the same where there is no plan: an older one must not look valid. The cause is on standard error, too. */
export async function writeFailedPlan(
  io: Io,
  flags: PlanChoice & EnvironmentFlags,
  error: unknown,
): Promise<void> {
  const { format, also = [] } = flags
  const environment = environmentName(io, flags)
  const ended = failedEnd(error, environment)
  const texts = {
    json: renderFailureJson(ended),
    markdown: renderFailedPlan({
      environment,
      cause: ended.error,
      diagnostics: error instanceof ConfigInvalidError ? error.config.diagnostics : [],
      job: readCiJob(io.env),
      nowMs: io.now(),
    }),
  }
  for (const one of also) {
    try {
      await writeOut({ name: one.file, cwd: io.cwd }, texts[one.format])
    } catch {
      // What ended the plan is told; that its file cannot be written either would only hide it.
    }
  }
  await writeFailure(io, format, { ...ended, markdown: texts.markdown })
}
