import type { CiJob } from '../../../process/ci-job.ts'
import type { GuardView, PlanView } from '../../../plan/view.ts'
import type { ManualStep } from '../../../plan/manual-steps.ts'
import { escapeCell } from '../../formats/markdown.ts'
import { formatCount } from '../../text/numbers.ts'
import { quoted } from '../../text/shell.ts'
import { percentOrTimes, words } from './inline.ts'
import { cutLines } from './layout.ts'
import type { CommentPart } from './layout.ts'

/** Guards that would stop the run: what each found, and one command that allows all of it. */
export function guardPart(plan: PlanView, { url }: Pick<CiJob, 'url'>): CommentPart {
  const isAction = url?.includes('/actions/runs/') === true
  const workflow = isAction
    ? ' put what stands after `--allow` under `allow` of the workflow, or'
    : ''
  return guardAlert({
    guards: plan.guards,
    head: '',
    hint: `If that is meant,${workflow} plan with:`,
    command: allowingPlan(plan),
    whole: 'plan --format json',
  })
}

/**
 * The command that plans again and lets all pass that guards found.
 *
 * @param typed - what was typed, quoted for a shell. Default: the least that plans this environment
 */
export function allowingPlan(
  { guards, environment }: Pick<PlanView, 'guards' | 'environment'>,
  typed = `engage-sync plan --env ${quoted(environment)}`,
): string {
  const out = / --out[ =]/.test(typed) ? [] : ['--out plan.json']
  return [typed, ...out, ...guards.map((guard) => `--allow ${quoted(guard.allow)}`)].join(' ')
}

/** What guards found, as an alert. */
export interface GuardAlert {
  readonly guards: readonly GuardView[]
  /** What stands before them; empty for nothing. */
  readonly head: string
  /** What stands before the command that allows all of it. */
  readonly hint: string
  readonly command: string
  /** The command that has those that found no room. */
  readonly whole: string
}

/** Guards as an alert with the one command that allows all of it; nothing without any. */
export function guardAlert({ guards, head, hint, command, whole }: GuardAlert): CommentPart {
  const start = `> [!CAUTION]\n${head === '' ? '' : `> ${head}\n>\n`}`
  const lines = guards.map((guard) => `> - ${guardText(guard)}\n`)
  const shown = command.replace(/[\r\n]+/g, ' ')
  const tail = `>\n> ${hint}\n>\n> \`\`\`sh\n> ${shown}\n> \`\`\``
  return {
    rank: 0,
    render(room) {
      if (guards.length === 0) return ''
      const more = (count: number) => `> - and ${formatCount(count)} more\n`
      const text = cutLines({ head: start, lines, tail }, { room, more })
      const short = `>\n> \`${whole}\` has all of them.`
      return text.length <= room
        ? text
        : cutLines({ head: start, lines, tail: short }, { room, more })
    },
  }
}

function guardText({ guard, name, planned, limit, members, share, message }: GuardView): string {
  if (name === null || members === null || share === null) return escapeCell(message)
  const allowed = `${percentOrTimes(share)}; the guard allows ${formatCount(limit)}`
  if (guard === 'removals')
    return `**${formatCount(planned)} of ${formatCount(members)} members would leave _${escapeCell(name)}_** (${allowed}). They stop getting whatever targets it.`
  if (guard === 'additions')
    return `**${formatCount(planned)} would join the ${formatCount(members)} members of _${escapeCell(name)}_** (${allowed}). They may get whatever targets it.`
  return escapeCell(message)
}

/** What is left to do by hand in Braze, as a check list; the filters to build a segment by are folded. */
export function manualPart({ by_hand: steps }: Pick<PlanView, 'by_hand'>): CommentPart {
  const lines = steps.map((step) => `${stepLines(step).join('\n')}\n`)
  return {
    rank: 2,
    render(room) {
      if (steps.length === 0) return ''
      const more = (count: number) => `> - and ${formatCount(count)} more\n`
      const head = '> [!IMPORTANT]\n> **By hand in Braze, before or after the merge**\n>\n'
      return cutLines({ head, lines }, { room, more }).trimEnd()
    },
  }
}

function stepLines({ text, recipe }: ManualStep): readonly string[] {
  const line = `> - [ ] ${words(text)}`
  if (recipe === null) return [line]
  const filters = recipe.lines
    .slice(1)
    .map((each) => each.replaceAll('```', "'''").replace(/[\r\n]+/g, ' '))
  return [
    line,
    '>   <details><summary>Filters to build it from</summary>',
    '>',
    '>   ```text',
    ...filters.map((each) => `>   ${each.replace(/^ {2}/, '')}`.trimEnd()),
    '>   ```',
    '>   </details>',
  ]
}
