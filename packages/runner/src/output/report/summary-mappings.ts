import { readMappingId } from '@engage-sync/core'
import type { Report } from '@engage-sync/core'
import { code, dotted, name } from '../plan/comment/inline.ts'
import type { CommentPart } from '../plan/comment/layout.ts'
import { folded, line, opened } from '../plan/comment/tables.ts'
import { countOf } from '../text/numbers.ts'
import type { RunMapping, RunView } from './run-view.ts'

/** Rows of a table that stand open; the others are folded. */
const MOST_OPEN = 15

const MEMBERSHIPS = ['users', 'joins', 'leaves', 'events', 'data points']
const VALUES = ['users', 'set', 'unset', 'events', 'data points']

/** The kinds of mappings, those first that decide who gets a campaign. */
const KINDS = [
  { section: 'audiences', kind: 'audience', head: MEMBERSHIPS },
  { section: 'segments', kind: 'segment', head: MEMBERSHIPS },
  { section: 'traits', kind: 'trait', head: VALUES },
  { section: 'enrichment', kind: 'enrichment', head: VALUES },
] as const

/** What happened to each audience, segment and trait: those that lose members first, then by users. */
export function mappingParts({ report, mappings }: RunView): readonly CommentPart[] {
  const tables = KINDS.flatMap(({ section, kind, head }, index) => {
    const own = mappings.filter(({ id }) => readMappingId(id).section === section)
    const lines = own
      .toSorted((a, b) => b.removals - a.removals || b.users - a.users)
      .map((one) => mappingLine(one, head))
    const columns = [kind, ...head]
    const rest = lines.slice(MOST_OPEN)
    return [
      opened({ title: '', head: columns, lines: lines.slice(0, MOST_OPEN) }, 2 + index),
      folded(
        { summary: `and ${countOf(rest.length, 'more', 'more')}`, head: columns, lines: rest },
        8,
      ),
    ]
  })
  return mappings.length === 0 ? [] : [textPart(heading(report)), ...tables]
}

/** Whether the counts are of what was sent, which only a run without any trouble knows by mapping. */
function heading({ status, braze }: Report): string {
  if (status === 'stopped') return '**What it would have sent**'
  return (status === 'done' || status === 'partial') && braze.rejected + braze.pending === 0
    ? '**What it sent**'
    : '**What it was to send**'
}

function textPart(text: string): CommentPart {
  return { rank: 1, render: () => text }
}

function mappingLine(one: RunMapping, head: readonly string[]): string {
  const { users, additions, removals, events, dataPoints } = one
  const counts =
    head === MEMBERSHIPS
      ? [users, additions, removals, events, dataPoints]
      : [users, one.new + one.changed, one.unset, events, dataPoints]
  return line([`${name(one.name)} ${code(one.id)}`, ...counts.map(dotted)])
}
