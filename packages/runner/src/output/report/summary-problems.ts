import type { Report } from '@engage-sync/core'
import { escapeCell } from '../formats/markdown.ts'
import { code, words } from '../plan/comment/inline.ts'
import type { CommentPart } from '../plan/comment/layout.ts'
import { folded, line, opened } from '../plan/comment/tables.ts'
import { countOf, formatCount } from '../text/numbers.ts'
import { quoted } from '../text/shell.ts'
import { droppedHeadline, droppedLines } from './dropped.ts'
import { hintFor } from './hints.ts'
import { isBookkeeping } from './lines.ts'

const HEAD = ['reason', 'count', 'for example, and what to do']

/** What somebody should look at: what was rejected, refused or waits, and what Braze drops in silence. */
export function problemParts(report: Report): readonly CommentPart[] {
  const lines = report.reasons.filter(({ code: reason }) => isProblem(reason)).map(reasonLine)
  return [
    opened({ title: '**Needs a look**', head: HEAD, lines }, 6),
    { rank: 6, render: () => lettersText(report) },
    droppedPart(report),
  ]
}

/** Why records were skipped, which is no problem of the run. */
export function skippedPart({ reasons }: Report): CommentPart {
  const skipped = reasons.filter(({ code: reason }) => !isProblem(reason) && !isBookkeeping(reason))
  const count = skipped.reduce((sum, reason) => sum + reason.count, 0)
  const summary = `${countOf(count, 'record')} skipped: ${countOf(skipped.length, 'reason')}`
  return folded({ summary, head: HEAD, lines: skipped.map(reasonLine) }, 9)
}

function isProblem(reason: string): boolean {
  return !reason.startsWith('SKIPPED_')
}

function reasonLine({ code: reason, count, example }: Report['reasons'][number]): string {
  const hint = hintFor(reason)
  const told = [escapeCell(example), ...(hint === undefined ? [] : [words(hint)])]
  return line([code(reason), formatCount(count), told.join('<br>')])
}

function lettersText({ dead_letters: letters, environment }: Report): string {
  return letters === 0
    ? ''
    : `${countOf(letters, 'dead letter')}: ${code(`engage-sync dead-letters --env ${quoted(environment)}`)}`
}

function droppedPart(report: Report): CommentPart {
  const lines = droppedLines(report).map(({ count, what, why, advice }) =>
    line([
      escapeCell(what),
      formatCount(count),
      [escapeCell(why), words(advice)].filter((text) => text !== '').join('<br>'),
    ]),
  )
  return opened(
    { title: `**${droppedHeadline(report)}**`, head: ['what', 'count', 'why'], lines },
    7,
  )
}
