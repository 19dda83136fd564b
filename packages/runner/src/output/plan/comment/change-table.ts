import type { MappingChange } from '../../../plan/changes.ts'
import type { SyncChange } from '../../../plan/sync-changes.ts'
import type { PlanView } from '../../../plan/view.ts'
import { escapeCell } from '../../formats/markdown.ts'
import { formatCount } from '../../text/numbers.ts'
import {
  calledAs,
  endOf,
  kindOf,
  movesOf,
  notesOf,
  optionLabel,
  shownOptions,
} from './change-words.ts'
import { code, dotted, name } from './inline.ts'
import { cutLines } from './layout.ts'
import type { CommentPart } from './layout.ts'
import { line } from './tables.ts'

/** Characters; what is left is for guards, hand work and the whole table. */
const MOST_ROOM = 40_000

/** What a table of changes is made of. */
type Changed = Pick<PlanView, 'changes' | 'sync_changes'> & {
  readonly mappings: readonly Pick<PlanView['mappings'][number], 'mapping' | 'name'>[]
  readonly has_changes?: boolean
}

/**
 * What the change of configuration does, before and after, the riskiest first.
 *
 * @param how - `isCounted`: false where nobody knows of how many users
 */
export function changePart(
  plan: Changed,
  how: { readonly isCounted: boolean } = COUNTED,
): CommentPart {
  const nameOf = new Map(plan.mappings.map((mapping) => [mapping.mapping, mapping.name]))
  const columns = how.isCounted ? HEAD : HEAD.slice(0, 2)
  const cells = [
    ...plan.sync_changes.map(syncCells),
    ...plan.changes.map((change) => changeCells(change, nameOf.get(change.mapping))),
  ]
  const lines = cells.map((each) => line(each.slice(0, columns.length)))
  const head = columns.map(([title]) => title)
  const rule = columns.map(([, align]) => align)
  return {
    rank: 1,
    render(room) {
      if (lines.length === 0)
        return plan.has_changes === true
          ? '_No change of configuration: what follows is new data alone._'
          : ''
      const more = (count: number) =>
        line([`_and ${formatCount(count)} more_`, ...columns.slice(1).map(() => '')])
      const start = line(head) + line(rule)
      return cutLines({ head: start, lines }, { room: Math.min(room, MOST_ROOM), more }).trimEnd()
    },
  }
}

const COUNTED = { isCounted: true }
const HEAD = [
  ['this pull request', '---'],
  ['before → after', '---'],
  ['users', '---:'],
  ['data points', '---:'],
] as const

function syncCells({ sync, options, note }: SyncChange): readonly string[] {
  const isOff = options.some(({ option }) => option === 'enabled')
  const shown = [...options.map(optionText), ...(note === null ? [] : [`_${escapeCell(note)}_`])]
  const what = isOff ? '⏸️ sync' : '✏️ sync'
  return [`${what} ${name(sync)}${isOff ? ' disabled' : ''}`, shown.join('<br>'), '·', '·']
}

function changeCells(change: MappingChange, known: string | undefined): readonly string[] {
  const { mark, what } = kindOf(change)
  return [
    `${mark} ${name(calledAs(change, known))} ${what}`,
    beforeAfter(change),
    movesOf(change) ?? dotted(change.users),
    dotted(change.data_points),
  ]
}

function beforeAfter(change: MappingChange): string {
  const end = endOf(change)
  if (end !== null) return end
  const { mapping, moved_from: from } = change
  const lines = [
    ...(from === null ? [] : [`${code(from)} → ${code(mapping)}`]),
    ...shownOptions(change).map(optionText),
    ...notesOf(change).map((note) => `_${note}_`),
  ]
  return lines.join('<br>') || '·'
}

function optionText({ option, before, after }: MappingChange['options'][number]): string {
  const label = escapeCell(optionLabel(option))
  if (before === null) return `${label} ${code(after ?? '')}`
  if (after === null) return `no ${label} any more; was ${code(before)}`
  return `${label} ${code(before)} → ${code(after)}`
}
