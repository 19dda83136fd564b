import type { GuardStop, Report, RunRecord } from '@engage-sync/core'
import { command, lines, markup, NOTHING, pill, prose } from '../../html/index.ts'
import type { Markup, Tone } from '../../html/index.ts'
import { countOf, formatCount, formatSeconds, formatShare } from '../../text/numbers.ts'
import { quoted } from '../../text/shell.ts'
import { allowingCommand } from '../cause.ts'
import { endOf } from '../end.ts'
import type { EndOfRun } from '../end.ts'
import { noRequestText, nothingToSend, syncNames } from '../lines.ts'
import { momentText } from './moment.ts'

/** What the head of a page tells of a run. */
export interface Head {
  readonly run: RunRecord
  readonly report: Report | null
  readonly environment: string
  /** What people in Braze know a mapping by. */
  readonly nameOf: (mapping: string) => string
}

/** Which run it is, how it ended, why, and what to do next. */
export function runHead(head: Head): Markup {
  const { run, report, environment } = head
  const facts = [
    momentText(run.startedAt),
    ...(report === null ? [] : [formatSeconds(report.seconds), syncNames(report)]),
    ...(run.actor === null ? [] : [`by ${run.actor}`]),
    ...(run.commit === null ? [] : [`commit ${run.commit.slice(0, 12)}`]),
  ]
  return markup`<p class="eyebrow"><b>engage-sync</b> ${environment} · run ${run.number} ${pill(run.status, toneOf(run.status))}</p>
${bandOf(head, facts)}`
}

/** How a run ended, why, and what to do next. @param facts - what stands below the verdict */
export function bandOf(head: Head, facts: readonly string[]): Markup {
  const { run, report } = head
  const end = endOf(run)
  return markup`<section class="band ${toneOf(run.status)}" aria-label="How it ended"><h1>${verdict(head)}</h1>
<p class="soft">${facts.join(' · ')}${jobLink(report)}</p>${causeOf(end, head.nameOf)}${nextStep(head, end)}</section>`
}

function jobLink(report: Report | null): Markup {
  const { job } = report ?? {}
  return job !== undefined && /^https?:\/\//.test(job)
    ? markup` · <a href="${job}" rel="noreferrer">its job</a>`
    : NOTHING
}

/** How good an end is. */
export function toneOf(status: RunRecord['status'] | Report['status']): Tone {
  if (status === 'done' || status === 'planned') return 'good'
  return status === 'partial' || status === 'interrupted' || status === 'running' ? 'warn' : 'bad'
}

/** How a run ended, in one sentence. */
export function verdict({ run, report, nameOf }: Head): string {
  if (report === null)
    return run.status === 'abandoned'
      ? 'Its process was ended from outside: the next run goes on from what was kept'
      : `${capital(run.status)} before anything was read`
  switch (report.status) {
    case 'stopped':
      return stoppedText(report, nameOf)
    case 'failed':
      return `Failed ${sentText(report)}`
    case 'interrupted':
      return `Interrupted ${sentText(report)}: the next run goes on from there`
    case 'partial':
      return `Done, but ${troublesOf(report).join(' and ')}`
    default:
      return nothingToSend(report)
        ? noRequestText(report)
        : `Done: ${countOf(report.users.changed, 'user')} changed in Braze`
  }
}

function capital(text: string): string {
  return text.slice(0, 1).toUpperCase() + text.slice(1)
}

function stoppedText({ guards }: Report, nameOf: Head['nameOf']): string {
  const [first] = guards
  if (first === undefined) return 'Stopped before sending'
  return guards.length > 1
    ? `Stopped before sending, by ${guards.length} guards`
    : `Stopped before sending: ${guardWords(first, nameOf)}`
}

/** What a guard found, by the name in Braze. */
function guardWords(
  { guard, subject, planned, members }: GuardStop,
  nameOf: Head['nameOf'],
): string {
  const share =
    members === null ? '' : ` of ${formatCount(members)} (${formatShare(planned, members)})`
  const name = subject === null ? '' : nameOf(subject)
  const words: Readonly<Record<typeof guard, string>> = {
    removals: `${name} would lose ${formatCount(planned)}${share}`,
    additions: `${name} would gain ${formatCount(planned)}, with ${formatCount(members ?? 0)} now`,
    data_points: `it would cost ${countOf(planned, 'data point')}`,
    deletions: `it would forget ${countOf(planned, 'user')}${share}`,
    rejected: `${countOf(planned, 'value')} could not be used`,
  }
  return words[guard]
}

/** The option that holds a guard's limit. */
function optionOf(guard: GuardStop['guard']): string {
  return guard === 'deletions' ? 'max_removals' : `max_${guard}`
}

function sentText({ braze }: Report): string {
  const sent = braze.attributes + braze.events + braze.cohort_adds + braze.cohort_removals
  return sent === 0 ? 'before anything was sent' : `after ${countOf(sent, 'change')} had been sent`
}

function troublesOf({ braze, rejected }: Report): readonly string[] {
  const values = rejected.count
  const troubles = [
    ...(braze.pending > 0 ? [`${countOf(braze.pending, 'change')} wait for the next run`] : []),
    ...(braze.rejected > 0 ? [`Braze refused ${formatCount(braze.rejected)}`] : []),
    ...(values > 0 ? [`${countOf(values, 'value')} could not be used`] : []),
  ]
  return troubles.length === 0 ? ['not all of it'] : troubles
}

function causeOf({ error, guards }: EndOfRun, nameOf: Head['nameOf']): Markup {
  if (error === null) return NOTHING
  const place = error.place === null ? NOTHING : markup` <code class="soft">${error.place}</code>`
  const hint = error.hint === null ? NOTHING : markup`<p>${prose(error.hint)}</p>`
  if (guards.length === 0)
    return markup`<p><b class="mono">${error.code}</b>${place} — ${lines(error.message)}</p>${hint}`
  const found = guards.map((stop) => {
    const { guard, limit } = stop
    return markup`<li>${guardWords(stop, nameOf)}; <code>${optionOf(guard)}</code> allows ${formatCount(limit)}</li>`
  })
  return markup`<p><b class="mono">${error.code}</b>${place}</p><ul>${found}</ul>`
}

/** What is typed next; nothing where all went well. */
function nextStep({ run, report, environment }: Head, { guards }: EndOfRun): Markup {
  const on = `--env ${quoted(environment)}`
  const [words, line] = ((): readonly [string, string] => {
    if (guards.length > 0)
      return ['If that is meant:', allowingCommand(`engage-sync run ${on}`, guards)]
    if (run.status === 'failed') return ['What it needs, checked:', `engage-sync doctor ${on}`]
    if (
      run.status === 'interrupted' ||
      run.status === 'abandoned' ||
      (report?.braze.pending ?? 0) > 0
    )
      return ['The next run sends the rest:', `engage-sync run ${on}`]
    if ((report?.dead_letters ?? 0) > 0)
      return ['What could not be used was kept:', `engage-sync dead-letters ${on}`]
    return ['', '']
  })()
  return line === '' ? NOTHING : markup`<p>${words}</p>${command(line)}`
}
