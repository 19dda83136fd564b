import type { CiJob } from '../../../process/ci-job.ts'
import { PLAN_VALID_MS } from '../../../plan/plan-file.ts'
import type { PlanView } from '../../../plan/view.ts'
import { formatInstant } from '../../text/numbers.ts'
import { quoted } from '../../text/shell.ts'
import { code } from './inline.ts'

/** What the plan is of, until when it is good, and how it is run. */
export function foot({ as_of: asOf, digest, environment, base }: PlanView, job: CiJob): string {
  const until = formatInstant(Date.parse(asOf) + PLAN_VALID_MS)
  const parts = [
    ...ofJob({ ...job, base: base?.ref ?? job.base }),
    `planned ${formatInstant(asOf)} UTC, good until ${until} UTC`,
    `plan ${code(digest.slice(0, 12))}`,
    `run it: ${code(`engage-sync run --env ${quoted(environment)} --plan plan.json`)}`,
  ]
  return `<sub>${parts.join(' · ')}</sub>`
}

/** The commit, what it is compared with, and the job; of what is not known, nothing. */
export function ofJob({ commit, base, url }: CiJob): readonly string[] {
  return [
    ...(commit === null ? [] : [`commit ${code(commit.slice(0, 7))}`]),
    ...(base === null ? [] : [`base ${code(shortRef(base))}`]),
    ...(url === null ? [] : [`[job](${url})`]),
  ]
}

/** Of a commit's digest its beginning; of another name, all. */
export function shortRef(ref: string): string {
  return /^[0-9a-f]{8,64}$/.test(ref) ? ref.slice(0, 7) : ref
}
