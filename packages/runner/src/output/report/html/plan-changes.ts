import { readMappingId } from '@engage-sync/core'
import type { MappingChange } from '../../../plan/changes.ts'
import type { MappingView } from '../../../plan/mapping-view.ts'
import type { SyncChange } from '../../../plan/sync-changes.ts'
import type { PlanView } from '../../../plan/view.ts'
import { counted, markup, NOTHING, pill, table } from '../../html/index.ts'
import type { Column, Markup, Part, Tone } from '../../html/index.ts'
import { countOf } from '../../text/numbers.ts'
import {
  calledAs,
  endOf,
  kindOf,
  movesOf,
  notesOf,
  optionLabel,
  shownOptions,
} from '../../plan/comment/change-words.ts'

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
    ...plan.sync_changes.map((change) => syncRow(change, plan.mappings)),
    ...plan.changes.map((change) => changeRow(change, nameOf.get(change.mapping))),
  ]
  const title = 'Change of configuration'
  if (rows.length > 0) return markup`<h2>${title}</h2>${table(title, COLUMNS, rows)}`
  return plan.has_changes
    ? markup`<p class="soft">No change of configuration: what follows is new data alone.</p>`
    : NOTHING
}

/** A change of a whole sync concerns all it has: what of that this plan would send stands below its name. */
function syncRow(
  { sync, options, note }: SyncChange,
  mappings: readonly MappingView[],
): readonly Part[] {
  const own = mappings.filter(({ mapping }) => readMappingId(mapping).sync === sync)
  const shown = [...options.map(optionText), ...(note === null ? [] : [markup`<i>${note}</i>`])]
  const sum = (of: (one: MappingView) => number) => own.reduce((all, one) => all + of(one), 0)
  const moves = { joins: sum(({ joins }) => joins), leaves: sum(({ leaves }) => leaves) }
  const sends = own.length === 0 ? 'sends nothing' : `sends ${countOf(own.length, 'mapping')}`
  return [
    markup`<span class="strong">${sync}</span> ${pill('whole sync', 'warn')}<br><span class="soft">${sends}</span>`,
    broken(shown),
    movesOf({ ...moves, stale_users: null }),
    counted(sum(({ data_points: points }) => points)),
  ]
}

function changeRow(change: MappingChange, known: string | undefined): readonly Part[] {
  const { mapping, kind } = change
  const called = calledAs(change, known)
  return [
    markup`<span class="strong">${called}</span> ${pill(kindOf(change).what, TONES[kind])}<br><span class="soft">${mapping}</span>`,
    beforeAfter(change),
    movesOf(change) ?? counted(change.users),
    counted(change.data_points),
  ]
}

function beforeAfter(change: MappingChange): Part {
  const end = endOf(change)
  if (end !== null) return end
  const { mapping, moved_from: from } = change
  return broken([
    ...(from === null ? [] : [markup`<code>${from}</code> → <code>${mapping}</code>`]),
    ...shownOptions(change).map(optionText),
    ...notesOf(change).map((note) => markup`<i>${note}</i>`),
  ])
}

function broken(shown: readonly Markup[]): Markup {
  return markup`${shown.map((each, at) => (at === 0 ? each : markup`<br>${each}`))}`
}

function optionText({ option, before, after }: MappingChange['options'][number]): Markup {
  const label = optionLabel(option)
  if (before === null) return markup`${label} <code>${after ?? ''}</code>`
  if (after === null) return markup`no ${label} any more; was <code>${before}</code>`
  return markup`${label} <code>${before}</code> → <code>${after}</code>`
}
