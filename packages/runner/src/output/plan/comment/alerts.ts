import type { GuardView, PlanView } from '../../../plan/view.ts'
import type { ManualStep } from '../../../plan/manual-steps.ts'
import { escapeCell } from '../../formats/markdown.ts'
import { formatCount } from '../../text/numbers.ts'
import { quoted } from '../../text/shell.ts'
import { percent, words } from './inline.ts'
import { cutLines } from './layout.ts'
import type { CommentPart } from './layout.ts'

/** Guards that would stop the run: what each found, and one command that allows all of it. */
export function guardPart({ guards, environment }: PlanView): CommentPart {
  const lines = guards.map((guard) => `> - ${guardText(guard)}\n`)
  const allow = guards.map((guard) => `--allow ${quoted(guard.allow)}`).join(' ')
  const command = `engage-sync plan --env ${quoted(environment)} --out plan.json ${allow}`
  const tail = `>\n> If that is meant, plan with:\n>\n> \`\`\`sh\n> ${command.replace(/[\r\n]+/g, ' ')}\n> \`\`\``
  return {
    rank: 0,
    render(room) {
      if (guards.length === 0) return ''
      const more = (count: number) => `> - and ${formatCount(count)} more\n`
      const text = cutLines({ head: '> [!CAUTION]\n', lines, tail }, { room, more })
      return text.length <= room
        ? text
        : cutLines(
            { head: '> [!CAUTION]\n', lines, tail: '>\n> `plan --format json` has all of them.' },
            { room, more },
          )
    },
  }
}

function guardText({ guard, name, planned, limit, members, share, message }: GuardView): string {
  if (name === null || members === null || share === null) return escapeCell(message)
  const allowed = `${percent(share)}; the guard allows ${formatCount(limit)}`
  if (guard === 'removals')
    return `**${formatCount(planned)} of ${formatCount(members)} members would leave _${escapeCell(name)}_** (${allowed}). They stop getting whatever targets it.`
  if (guard === 'additions')
    return `**${formatCount(planned)} would join the ${formatCount(members)} members of _${escapeCell(name)}_** (${allowed}). They may get whatever targets it.`
  return escapeCell(message)
}

/** What is left to do by hand in Braze, as a check list; the filters to build a segment by are folded. */
export function manualPart({ by_hand: steps }: PlanView): CommentPart {
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
