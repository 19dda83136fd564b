import type { CiJob } from '../process/ci-job.ts'
import { countOf, formatSeconds } from '../output/text/numbers.ts'
import type { Alert } from './alert.ts'
import type { Ended } from './ended.ts'

const MARKS: Readonly<Record<Alert['event'], string>> = {
  failed: '🛑',
  stopped: '🛑',
  frozen: '🧊',
  limit: '⚠️',
  silence: '⚠️',
  recovered: '✅',
  test: '🔔',
}

const WORDS: Readonly<Record<Alert['event'], string>> = {
  failed: 'failed',
  stopped: 'stopped by a guard',
  frozen: 'a mapping is frozen',
  limit: 'passed a limit',
  silence: 'silence',
  recovered: 'well again',
  test: 'this is a test',
}

/** What it is, in a line. */
export function titleOf({ event, environment, run }: Alert): string {
  const number = run?.number ?? null
  const which = number === null ? '' : ` · run ${number}`
  return `${MARKS[event]} engage-sync · ${environment}${which} · ${WORDS[event]}`
}

/** Characters of a section of Slack's. @see https://docs.slack.dev/reference/block-kit/blocks/section-block */
const MOST_SECTION = 3000

/**
 * The same as Slack takes it.
 *
 * @see https://docs.slack.dev/messaging/sending-messages-using-incoming-webhooks
 */
export function slackBody(alert: Alert, job: CiJob): string {
  const { texts, error, run } = alert
  const title = titleOf(alert)
  const cause =
    error === null
      ? []
      : [
          `*${escapeSlack(error.code)}* ${escapeSlack(error.message)}`,
          ...(error.hint === null ? [] : [`> ${escapeSlack(error.hint).replaceAll('\n', '\n> ')}`]),
        ]
  const section = [`*${escapeSlack(title)}*`, ...texts.map(escapeSlack), ...cause].join('\n')
  const about = [
    ...countsText(run),
    ...(job.commit === null ? [] : [`commit ${job.commit.slice(0, 7)}`]),
    ...(job.url === null ? [] : [`<${job.url}|job>`]),
  ].join(' · ')
  const context = { type: 'context', elements: [{ type: 'mrkdwn', text: about }] }
  return JSON.stringify({
    text: title,
    blocks: [
      { type: 'section', text: { type: 'mrkdwn', text: cut(section) } },
      ...(about === '' ? [] : [context]),
    ],
  })
}

function cut(text: string): string {
  return text.length > MOST_SECTION ? `${text.slice(0, MOST_SECTION - 1)}…` : text
}

function countsText(run: Ended | null): readonly string[] {
  const report = run?.report ?? null
  if (report === null) return []
  return [
    countOf(report.users.changed, 'user'),
    countOf(report.braze.data_points, 'data point'),
    formatSeconds(report.seconds),
  ]
}

/** Text that is no link and no mention. @see https://docs.slack.dev/messaging/formatting-message-text */
function escapeSlack(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
}

/** The same as JSON of our own. Extended, never renamed. */
export function webhookBody(alert: Alert, job: CiJob): string {
  const { event, environment, run, texts, error } = alert
  const report = run?.report ?? null
  return JSON.stringify({
    version: 1,
    event,
    environment,
    title: titleOf(alert),
    texts,
    run: run?.number ?? null,
    status: run?.status ?? null,
    error,
    guards: run?.guards ?? [],
    counts:
      report === null
        ? null
        : {
            users_changed: report.users.changed,
            data_points: report.braze.data_points,
            rejected: report.rejected.count,
            refused: report.braze.rejected,
            pending: report.braze.pending,
            dead_letters: report.dead_letters,
            seconds: report.seconds,
          },
    commit: job.commit,
    job: job.url,
  })
}
