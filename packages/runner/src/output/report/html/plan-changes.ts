import type { MappingChange } from '../../../plan/changes.ts'
import type { SyncChange } from '../../../plan/sync-changes.ts'
import type { PlanView } from '../../../plan/view.ts'
import { counted, markup, NOTHING, pill, table } from '../../html/index.ts'
import type { Column, Markup, Part, Tone } from '../../html/index.ts'
import { kindOf, leavesNothing, READ_ANEW, WAS_AWAY } from '../../plan/comment/change-table.ts'
import { countOf, formatCount } from '../../text/numbers.ts'

const COLUMNS: readonly Column[] = [
  { head: 'What changes' },
  { head: 'Before → after' },
  { head: 'Users', kind: 'number' },
  { head: 'Data points', kind: 'number' },
]

const TONES: Readonly<Record<MappingChange['kind'], Tone>> = {
  added: 'good',
  changed: 'plain',
  moved: 'plain',
  retired: 'warn',
  orphaned: 'warn',
}

/** What the change of configuration does, before and after, the riskiest first. */
export function planChanges(plan: PlanView): Markup {
  const nameOf = new Map(plan.mappings.map(({ mapping, name }) => [mapping, name]))
  const rows = [
    ...plan.sync_changes.map(syncRow),
    ...plan.changes.map((change) => changeRow(change, nameOf.get(change.mapping))),
  ]
  const title = 'Change of configuration'
  if (rows.length > 0) return markup`<h2>${title}</h2>${table(title, COLUMNS, rows)}`
  return plan.has_changes
    ? markup`<p class="soft">No change of configuration: what follows is new data alone.</p>`
    : NOTHING
}

function syncRow({ sync, options, note }: SyncChange): readonly Part[] {
  const shown = [...options.map(optionText), ...(note === null ? [] : [markup`<i>${note}</i>`])]
  return [markup`<span class="strong">${sync}</span> ${pill('sync')}`, broken(shown), null, null]
}

function changeRow(change: MappingChange, known: string | undefined): readonly Part[] {
  const { cohort, attribute, events, mapping, kind } = change
  const isLeft = kind === 'orphaned' || kind === 'retired'
  const called = (isLeft ? undefined : known) ?? cohort ?? attribute ?? events[0] ?? mapping
  return [
    markup`<span class="strong">${called}</span> ${pill(kindOf(change).what, TONES[kind])}<br><span class="soft">${mapping}</span>`,
    beforeAfter(change),
    usersText(change),
    counted(change.data_points),
  ]
}

function beforeAfter(change: MappingChange): Part {
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
  const notes = [
    ...(recorded ? [] : ['what else it was is not recorded']),
    ...(isAway ? [WAS_AWAY] : []),
    ...(kind === 'changed' && recorded && !isAway && shown.length === 0 ? [READ_ANEW] : []),
  ]
  return broken([
    ...(from === null ? [] : [markup`<code>${from}</code> → <code>${mapping}</code>`]),
    ...shown,
    ...notes.map((note) => markup`<i>${note}</i>`),
  ])
}

function broken(shown: readonly Markup[]): Markup {
  return markup`${shown.map((each, at) => (at === 0 ? each : markup`<br>${each}`))}`
}

function optionText({ option, before, after }: MappingChange['options'][number]): Markup {
  const label = option.startsWith('when.')
    ? option.slice('when.'.length).replaceAll('.', ' ')
    : option === 'when'
      ? 'filter'
      : option.replaceAll('_', ' ')
  if (before === null) return markup`${label} <code>${after ?? ''}</code>`
  if (after === null) return markup`no ${label} any more; was <code>${before}</code>`
  return markup`${label} <code>${before}</code> → <code>${after}</code>`
}

function usersText({ joins, leaves, stale_users: stale, users }: MappingChange): Part {
  const moves = [
    ...(joins === 0 ? [] : [`+${formatCount(joins)}`]),
    ...(leaves === 0 ? [] : [`−${formatCount(leaves)}`]),
  ]
  if (moves.length > 0) return moves.join(' ')
  return stale === null || stale === 0 ? counted(users) : `${formatCount(stale)} keep it`
}
