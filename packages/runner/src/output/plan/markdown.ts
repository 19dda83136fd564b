import type { CiJob } from '../../process/ci-job.ts'
import type { PlanView } from '../../plan/view.ts'
import { holdsAll } from '../../plan/view.ts'
import { guardPart, manualPart } from './comment/alerts.ts'
import { changePart } from './comment/change-table.ts'
import {
  fullPart,
  rejectedPart,
  samplePart,
  spacePart,
  unmappedPart,
  waitingPart,
} from './comment/folded.ts'
import { foot } from './comment/foot.ts'
import { layOut } from './comment/layout.ts'
import { marker, sentence, title } from './comment/verdict.ts'

/**
 * A plan as Markdown for a pull request's comment.
 *
 * Shape: a hidden marker to find the comment by, the verdict, one sentence, what the change of configuration does
 * before and after, guards, what is left to do by hand, and the rest folded; always shorter than `MAX_COMMENT`. Names
 * of Braze come first; no value of a user and no whole identifier.
 */
export function renderPlanMarkdown(plan: PlanView, job: CiJob): string {
  const same = holdsAll(plan) ? 'Braze already holds all of this.' : 'There is nothing to send.'
  const head = [marker(plan.environment), title(plan), plan.has_changes ? sentence(plan) : same]
  const parts = [
    changePart(plan),
    guardPart(plan, job),
    manualPart(plan),
    rejectedPart(plan),
    waitingPart(plan),
    samplePart(plan),
    unmappedPart(plan),
    spacePart(plan),
    fullPart(plan),
  ]
  return layOut({ head, parts, foot: foot(plan, job) })
}
