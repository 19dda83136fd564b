/**
 * The GitHub Action: `action.yml` at the root of the repository starts this file with its inputs in `INPUT_…`.
 *
 * Needs nothing but Node and npm.
 */
import { apply, runData, runNow } from './apply.ts'
import { readInputs } from './inputs.ts'
import { writeOutputs } from './outputs.ts'
import { findProgram } from './program.ts'
import { plan, review } from './review.ts'
import type { Job } from './review.ts'

/** A mistake of the workflow, as engage-sync's own exit code for it. */
const USAGE = 2

async function main(): Promise<number> {
  const { env } = process
  const inputs = readInputs(env)
  const job: Job = { inputs, env, program: await findProgram(inputs, env) }
  if (inputs.task === 'review') return review(job)
  if (inputs.task === 'apply') return apply(job)
  if (inputs.task === 'schedule') return runData(job)
  if (inputs.task === 'run') return runNow(job)
  const { code, outputs } = await plan(job)
  writeOutputs(env, outputs)
  return code
}

try {
  process.exitCode = await main()
} catch (error) {
  process.stdout.write(
    `::error title=engage-sync::${String((error as Error).message).replaceAll('\n', '%0A')}\n`,
  )
  process.exitCode = USAGE
}
