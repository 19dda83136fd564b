import { appendFileSync, existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { findBase } from './base.ts'
import { writeComment } from './comments.ts'
import type { Inputs } from './inputs.ts'
import { checkedOutputs, planOutputs, writeOutputs } from './outputs.ts'
import type { Outputs } from './outputs.ts'
import type { Program } from './program.ts'
import { readPullRequest } from './pull-request.ts'

type Env = Readonly<Record<string, string | undefined>>

/** What a task works with. */
export interface Job {
  readonly inputs: Inputs
  readonly env: Env
  readonly program: Program
}

/**
 * Validates, runs the cases, plans, and keeps the one comment of the pull request up to date, also when something
 * failed. A pull request of a fork gets no secrets: what it changes in the configuration is told, and it is not planned.
 *
 * Shape: the first exit code that is not 0.
 */
export async function review(job: Job): Promise<number> {
  const pull = readPullRequest(job.env)
  const base =
    pull === null ? null : findBase(job.inputs.base, pull, { env: job.env, cwd: process.cwd() })
  const against = base === null ? [] : ['--base', base]
  if (pull?.isFork === true) {
    const codes = [await checks(job, 'validate', '--strict', ...against), await checks(job, 'test')]
    writeOutputs(job.env, checkedOutputs(codes))
    addSummary(job.env, base === null ? FORK_NOTE + NO_BASE : FORK_NOTE)
    return firstFailure(codes)
  }
  const codes = [await checks(job, 'validate', '--strict'), await checks(job, 'test')]
  const planned = await plan(job, against)
  writeOutputs(job.env, planned.outputs)
  if (pull !== null && job.inputs.comment) await comment(job, pull, commentText(job, planned.code))
  return firstFailure([...codes, planned.code])
}

const FORK_NOTE = `
### engage-sync: checked, not planned

This pull request comes from a fork, which gets no secrets: the configuration was validated and its cases were run.
A plan, with users and cost, is made once somebody of this repository takes the change into a branch of its own.`

const NO_BASE = `

What it changes could not be told: the commit it is merged into is not here. Check it out with \`fetch-depth: 2\`.`

function firstFailure(codes: readonly number[]): number {
  return codes.find((code) => code !== 0) ?? 0
}

function checks({ inputs, program }: Job, ...words: readonly string[]): Promise<number> {
  return program(['--configs', inputs.configs, ...words, '--format', 'github'])
}

/** The files of a plan, in the directory the artifact is made of. */
export function filesOf({ out }: Inputs): {
  readonly plan: string
  readonly comment: string
  readonly data: string
} {
  return {
    plan: join(out, 'plan.json'),
    comment: join(out, 'comment.md'),
    data: join(out, 'view.json'),
  }
}

/** Plans into files, with annotations at the lines that matter. @param against - `--base` and a commit, or nothing */
export async function plan(
  { inputs, program }: Job,
  against: readonly string[] = [],
): Promise<{ readonly code: number; readonly outputs: Outputs }> {
  const { plan: file, comment: markdown, data } = filesOf(inputs)
  rmSync(inputs.out, { recursive: true, force: true })
  mkdirSync(inputs.out, { recursive: true })
  const code = await program([
    '--configs',
    inputs.configs,
    '--env',
    inputs.environment,
    'plan',
    '--out',
    file,
    ...against,
    ...inputs.allow.flatMap((one) => ['--allow', one]),
    '--format',
    'github',
    '--also',
    `markdown=${markdown}`,
    '--also',
    `json=${data}`,
  ])
  return { code, outputs: planOutputs(data, code) }
}

/** What the program wrote, or that it could write nothing: an older comment must not look valid. */
function commentText({ inputs }: Job, code: number): string {
  const { comment: path } = filesOf(inputs)
  if (existsSync(path)) return readFileSync(path, 'utf8')
  const { environment } = inputs
  return `<!-- engage-sync:plan:${environment} -->
### 🛑 engage-sync · ${environment}: could not plan

engage-sync ended with exit code ${code} before it could say why; the log of the job has more.
`
}

async function comment(
  job: Job,
  pull: NonNullable<ReturnType<typeof readPullRequest>>,
  text: string,
): Promise<void> {
  const { GITHUB_API_URL: url = 'https://api.github.com' } = job.env
  const how =
    job.inputs.token === ''
      ? 'refused'
      : await writeComment({ url, token: job.inputs.token }, pull, text)
  if (how !== 'refused') return
  process.stdout.write(
    '::notice title=No comment::The token may not write comments here; the plan is in the summary of this job.\n',
  )
}

/** Adds Markdown to the summary of the job. */
export function addSummary(env: Env, text: string): void {
  const { GITHUB_STEP_SUMMARY: path } = env
  if (path !== undefined && path !== '') appendFileSync(path, `${text}\n`)
}
