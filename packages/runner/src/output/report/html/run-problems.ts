import { closest } from '@engage-sync/core'
import type { Report } from '@engage-sync/core'
import { folded, markup, NOTHING, prose, table } from '../../html/index.ts'
import type { Column, Markup, Part } from '../../html/index.ts'
import type { SyncOverview } from '../../syncs/sync-overview.ts'
import { countOf, formatCount } from '../../text/numbers.ts'
import { quoted } from '../../text/shell.ts'
import { droppedHeadline, droppedLines } from '../dropped.ts'
import { hintFor } from '../hints.ts'
import { isBookkeeping } from '../lines.ts'
import { reportSentences } from '../sentences.ts'

const REASONS: readonly Column[] = [
  { head: 'Reason' },
  { head: 'Count', kind: 'number' },
  { head: 'For example, and what to do' },
]

/** What somebody should look at: what was rejected, refused or waits, with one advice each. */
export function problems(report: Report): Markup {
  const told = report.reasons.filter(({ code }) => !code.startsWith('SKIPPED_'))
  const letters =
    report.dead_letters === 0
      ? NOTHING
      : markup`<p>${countOf(report.dead_letters, 'dead letter')}: <code>engage-sync dead-letters --env ${quoted(report.environment)}</code> shows them, and <code>engage-sync retry</code> sends them again once their cause is gone.</p>`
  const sentences = reportSentences(report)
  const unanswered = sentences.length === 0 ? NOTHING : markup`<p>${sentences.join(' ')}</p>`
  const table = told.length === 0 ? NOTHING : reasonTable('Needs a look', told)
  const all = [table, letters, unanswered].filter((part) => part !== NOTHING)
  const title = all.length === 0 ? NOTHING : markup`<h2>Needs a look</h2>`
  return markup`${title}${all}${dropped(report)}`
}

function reasonTable(label: string, reasons: Report['reasons']): Markup {
  const rows = reasons.map(({ code, count, example }) => [
    markup`<code>${code}</code>`,
    formatCount(count),
    told(example, hintFor(code)),
  ])
  return table(label, REASONS, rows)
}

function told(example: string, hint: string | undefined): Part {
  return hint === undefined
    ? example
    : markup`${example}${example === '' ? '' : markup`<br>`}<span class="soft">${prose(hint)}</span>`
}

/** Why records were skipped; told where it is no matter of course. */
export function skippedReasons({ reasons }: Report): Markup {
  const skipped = reasons.filter(({ code }) => code.startsWith('SKIPPED_') && !isBookkeeping(code))
  if (skipped.length === 0) return NOTHING
  return markup`<h3>Skipped</h3>${reasonTable('Skipped', skipped)}`
}

function dropped(report: Report): Markup {
  const rows = droppedLines(report).map(({ count, what, why, advice }) => [
    markup`<code>${what}</code>`,
    formatCount(count),
    told(why, advice === '' ? undefined : advice),
  ])
  if (rows.length === 0) return NOTHING
  const columns: readonly Column[] = [
    { head: 'What' },
    { head: 'Count', kind: 'number' },
    { head: 'Why' },
  ]
  const title = droppedHeadline(report)
  return markup`<h2>${title}</h2>${table(title, columns, rows)}`
}

/** Keys of the data that no mapping wants, with the one that was meant where that can be told. */
export function unmappedKeys({ unmapped }: Report, syncs: readonly SyncOverview[]): Markup {
  if (unmapped.length === 0) return NOTHING
  const known = syncs.flatMap(({ mappings }) => mappings.map(({ key }) => key))
  const rows = unmapped.map(({ key, count }) => {
    const near = closest(key, known)
    return [
      markup`<code>${key}</code>`,
      formatCount(count),
      near === null ? null : markup`Did you mean <code>${near}</code>?`,
    ]
  })
  const columns: readonly Column[] = [
    { head: 'Key' },
    { head: 'Records', kind: 'number' },
    { head: '' },
  ]
  const title = 'In the data, but in no mapping'
  return folded(
    markup`${title} <span class="soft">${countOf(unmapped.length, 'key')}</span>`,
    table(title, columns, rows),
  )
}
