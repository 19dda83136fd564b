import type { Report } from '@engage-sync/core'
import type { CiJob } from '../../process/ci-job.ts'
import { escapeCell } from '../formats/markdown.ts'
import { guardAlert } from '../plan/comment/alerts.ts'
import { layOut } from '../plan/comment/layout.ts'
import type { CommentPart } from '../plan/comment/layout.ts'
import type { FailedEnd } from './end.ts'
import type { RunView } from './run-view.ts'
import { syncNames } from './lines.ts'
import { causeAlert, foot, sentence, title, verdict } from './summary-head.ts'
import { mappingParts } from './summary-mappings.ts'
import { plumbingParts } from './summary-plumbing.ts'
import { problemParts } from './summary-problems.ts'
import { reportSentences } from './sentences.ts'

/** The command that has what found no room in a summary. */
const WHOLE = 'run --format json'

/**
 * A run as Markdown for a job's summary, the sister of a plan's comment.
 *
 * Shape: how it ended, one sentence, the guards or the cause that ended it, audiences, segments and traits by Braze's
 * names, what needs a look, and the rest folded; always shorter than `MAX_COMMENT`. No value of a user.
 */
export function renderReportMarkdown(view: RunView): string {
  const { report, job } = view
  return layOut({
    head: [title(report, verdict(report)), `${escapeCell(syncNames(report))}: ${sentence(view)}`],
    parts: [
      causePart(view),
      ...mappingParts(view),
      ...problemParts(report),
      unansweredPart(report),
      ...plumbingParts(report),
    ],
    foot: foot(report, job),
    whole: WHOLE,
  })
}

/** The same of a command that ended before it had anything to report. */
export function renderFailureMarkdown(
  { environment, status, error }: FailedEnd,
  job: CiJob,
): string {
  const words = status === 'failed' ? `failed: ${error.code}` : status
  return layOut({
    head: [title({ environment, status }, words), causeAlert(error)],
    parts: [],
    foot: foot(null, job),
    whole: WHOLE,
  })
}

function causePart({ report, guards, command }: RunView): CommentPart {
  if (command === null) return { rank: 0, render: () => causeAlert(report.error) }
  return guardAlert({
    guards,
    head: `**${escapeCell(report.error?.code ?? 'GUARD_STOPPED')}** · nothing was sent`,
    hint: 'If all of that is meant, this lets it pass once:',
    command,
    whole: WHOLE,
  })
}

function unansweredPart(report: Report): CommentPart {
  return { rank: 7, render: () => reportSentences(report).join(' ') }
}
