import type { Cause, Report } from '@engage-sync/core'
import type { CiJob } from '../../process/ci-job.ts'
import { escapeCell } from '../formats/markdown.ts'
import { ofBudget } from '../plan/comment/inline.ts'
import { ofJob } from '../plan/comment/foot.ts'
import { countOf, formatCount, formatSeconds } from '../text/numbers.ts'
import { noRequestText, nothingToSend, statusWord } from './lines.ts'
import type { RunView } from './run-view.ts'

const MARKS: Readonly<Record<Report['status'], string>> = {
  done: '✅',
  planned: '✅',
  partial: '⚠️',
  interrupted: '⚠️',
  stopped: '🛑',
  failed: '🛑',
}

/** The title of a summary: how the run ended. */
export function title(
  { environment, status }: Pick<Report, 'environment' | 'status'>,
  words: string,
) {
  return `### ${MARKS[status]} engage-sync · ${escapeCell(environment)} — ${escapeCell(words)}`
}

/** How a run ended in a few words; of one that went well, for how many. */
export function verdict(report: Report): string {
  const word = statusWord(report)
  return word === 'done' && report.users.changed > 0
    ? `done: ${countOf(report.users.changed, 'user')} changed`
    : word
}

/** One sentence: users, cost, its share of the budget, and what did not end well. */
export function sentence({ report, budget }: RunView): string {
  const { status, braze, users, rejected } = report
  const isStopped = status === 'stopped'
  const troubles = [
    ...(isStopped || braze.pending === 0
      ? []
      : [`${countOf(braze.pending, 'change')} left for the next run`]),
    ...(braze.rejected === 0 ? [] : [`${formatCount(braze.rejected)} refused by Braze`]),
    ...(rejected.count === 0 ? [] : [`${countOf(rejected.count, 'value')} rejected`]),
  ]
  if (!isStopped && nothingToSend(report)) return [noRequestText(report), ...troubles].join(' · ')
  const points = isStopped ? budget.planned : braze.data_points
  const share =
    budget.most === null || budget.most === 0
      ? ''
      : ` (${ofBudget(points / budget.most, budget.most)})`
  return [
    `**${countOf(users.changed, 'user')}** of ${formatCount(users.seen)} ${usersVerb(report)}`,
    `**${countOf(points, 'data point')}**${share}`,
    ...troubles,
  ].join(' · ')
}

function usersVerb({ status, braze }: Report): string {
  if (status === 'stopped') return 'would have changed; nothing was sent'
  return braze.pending > 0 || status === 'failed' || status === 'interrupted'
    ? 'were to change'
    : 'changed'
}

/** Why a run ended, as an alert; nothing for one that was not ended. */
export function causeAlert(error: Cause | null): string {
  if (error === null) return ''
  const { code, message, hint, place } = error
  const lines = [
    `[!${code === 'INTERRUPTED' ? 'NOTE' : 'CAUTION'}]`,
    `**${escapeCell(code)}**${place === null ? '' : ` · ${escapeCell(place)}`}`,
    '',
    escapeCell(message),
    ...(hint === null ? [] : ['', ...hint.split('\n').map(escapeCell)]),
  ]
  return lines.map((line) => `> ${line}`.trimEnd()).join('\n')
}

/** The run and its job; of what is not known, nothing. */
export function foot(report: Pick<Report, 'run' | 'seconds'> | null, job: CiJob): string {
  const run = report === null ? [] : [`run ${report.run}`, formatSeconds(report.seconds)]
  const parts = [...run, ...ofJob(job)]
  return parts.length === 0 ? '' : `<sub>${parts.join(' · ')}</sub>`
}
