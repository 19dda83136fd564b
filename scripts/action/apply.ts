import { join } from 'node:path'
import { changesConfiguration, writeOutputs } from './outputs.ts'
import { addSummary, filesOf, plan } from './review.ts'
import type { Job } from './review.ts'

/** The exit code of a plan that no longer fits. */
const STALE = 7

/** What to do when the world moved on between plan and approval. Nothing was sent then. */
const STALE_ADVICE = `### 🛑 The plan no longer fits

Nothing was sent. Since the plan was made, the data, the state or the configuration changed, or 24 hours went by.

Run **all** jobs of this workflow again ("Re-run all jobs"): a new plan is made, and waits for its approval.
`

/** Does exactly what the reviewed plan says, or nothing. */
export async function apply(job: Job): Promise<number> {
  const { inputs, env, program } = job
  const plan = join(inputs.out, 'plan.json')
  const code = await program([
    ...common(job),
    '--plan',
    plan,
    ...allowed(job),
    '--format',
    'github',
  ])
  if (code !== STALE) return code
  addSummary(env, STALE_ADVICE)
  process.stdout.write(
    '::error title=The plan no longer fits::Nothing was sent. Run all jobs of this workflow again: a new plan is made and waits for approval.\n',
  )
  return code
}

/** Runs what is new, as a schedule does. */
export function runNow(job: Job): Promise<number> {
  return job.program([...common(job), ...allowed(job), '--format', 'github'])
}

/** Runs what is new in the data. A change of configuration is left to whoever approves its plan. */
export async function runData(job: Job): Promise<number> {
  const { code, outputs } = await plan(job)
  writeOutputs(job.env, outputs)
  if (code !== 0) return code
  if (!changesConfiguration(filesOf(job.inputs).data)) return runNow(job)
  addSummary(job.env, WAITING)
  process.stdout.write(
    '::notice title=Not run::A change of configuration waits for its approval.\n',
  )
  return 0
}

const WAITING = `### engage-sync: not run

A change of configuration is on this branch and was not applied yet. Approve its plan, or take it back; until then
scheduled runs wait, so that nothing goes out that nobody approved.`

function common({ inputs }: Job): readonly string[] {
  return ['--configs', inputs.configs, '--env', inputs.environment, 'run']
}

function allowed({ inputs }: Job): readonly string[] {
  return inputs.allow.flatMap((one) => ['--allow', one])
}
