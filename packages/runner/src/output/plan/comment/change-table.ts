import type { MappingChange } from '../../../plan/changes.ts'
import type { SyncChange } from '../../../plan/sync-changes.ts'
import type { PlanView } from '../../../plan/view.ts'
import { escapeCell } from '../../formats/markdown.ts'
import { countOf, formatCount } from '../../text/numbers.ts'
import { code, dotted, name } from './inline.ts'
import { cutLines } from './layout.ts'
import type { CommentPart } from './layout.ts'
import { line } from './tables.ts'

/** Characters; what is left is for guards, hand work and the whole table. */
const MOST_ROOM = 40_000

/** Whether nothing in Braze remembers a mapping that is gone: another one fills it, or nobody has it. */
export function leavesNothing({ attribute, cohort, events }: MappingChange): boolean {
  return attribute === null && cohort === null && events.length === 0
}

/** Of a mapping that runs went without, and that is there again. */
export const WAS_AWAY = 'its sync did not run for a while: its history is read again'
/** Of a mapping none of whose options differs. */
export const READ_ANEW = 'read differently by this version'

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
  const { cohort, attribute, events, mapping } = change
  const isLeft = change.kind === 'orphaned' || change.kind === 'retired'
  const called = (isLeft ? undefined : known) ?? cohort ?? attribute ?? events[0] ?? mapping
  const { mark, what } = kindOf(change)
  return [
    `${mark} ${name(called)} ${what}`,
    beforeAfter(change),
    usersCell(change),
    dotted(change.data_points),
  ]
}

/** What a change is, in a word or two. */
export function kindOf(change: MappingChange): {
  readonly mark: string
  readonly what: string
} {
  const { kind, options } = change
  if (kind === 'orphaned' && leavesNothing(change)) return { mark: '➖', what: 'gone' }
  if (kind !== 'changed') return KINDS[kind]
  const names = options.map(({ option }) => option)
  if (names.length > 0 && names.every((option) => option === 'cohort'))
    return { mark: '🏷️', what: 'cohort renamed' }
  if (names.length > 0 && names.every((option) => option === 'attribute'))
    return { mark: '✏️', what: 'renamed' }
  if (names.length > 0 && names.every((option) => option === 'when' || option.startsWith('when.')))
    return { mark: '✏️', what: 'filter' }
  return { mark: '✏️', what: 'changed' }
}

const KINDS = {
  added: { mark: '➕', what: 'new' },
  moved: { mark: '➡️', what: 'moved' },
  retired: { mark: '🗑️', what: 'retired' },
  orphaned: { mark: '⚠️', what: 'stays behind' },
} as const

function beforeAfter(change: MappingChange): string {
  const { kind, mapping, moved_from: from, options, recorded, was_away: isAway } = change
  const { stale_users: stale, users } = change
  if (kind === 'orphaned' && leavesNothing(change)) return 'leaves nothing behind'
  if (kind === 'orphaned')
    return stale === null || stale === 0
      ? 'nothing renews it any more'
      : `stays in Braze for ${countOf(stale, 'user')}, and nothing renews it`
  if (kind === 'retired')
    return users === 0 ? 'a run unsets it' : `unset for ${countOf(users, 'user')}`
  const shown = options.filter(({ option }) => option !== 'key').map(optionText)
  const lines = [
    ...(from === null ? [] : [`${code(from)} → ${code(mapping)}`]),
    ...(kind === 'added' ? shown.filter((text) => text !== '') : shown),
    ...(recorded ? [] : ['_what else it was is not recorded_']),
    ...(isAway ? [`_${WAS_AWAY}_`] : []),
    ...(kind === 'changed' && recorded && !isAway && shown.length === 0 ? [`_${READ_ANEW}_`] : []),
  ]
  return lines.join('<br>') || '·'
}

/** Options that are names in Braze speak for themselves; of a condition, its trait and operator are said. */
function optionText({ option, before, after }: MappingChange['options'][number]): string {
  const label = option.startsWith('when.')
    ? escapeCell(option.slice('when.'.length).replaceAll('.', ' '))
    : option === 'when'
      ? 'filter'
      : escapeCell(option.replaceAll('_', ' '))
  if (before === null) return `${label} ${code(after ?? '')}`
  if (after === null) return `no ${label} any more; was ${code(before)}`
  return `${label} ${code(before)} → ${code(after)}`
}

function usersCell({ joins, leaves, stale_users: stale, users }: MappingChange): string {
  const moves = [
    ...(joins === 0 ? [] : [`+${formatCount(joins)}`]),
    ...(leaves === 0 ? [] : [`−${formatCount(leaves)}`]),
  ]
  if (moves.length > 0) return moves.join(' ')
  return stale === null || stale === 0 ? dotted(users) : `${formatCount(stale)} keep it`
}
