import {
  counted,
  divergingBar,
  folded,
  legend,
  markup,
  NOTHING,
  pill,
  rowBar,
  table,
} from '../../html/index.ts'
import type { BarPart, Column, Markup, Part } from '../../html/index.ts'
import { countOf, formatCount, formatShare } from '../../text/numbers.ts'
import { COST_COLUMNS, MEMBERSHIP_COLUMNS, TRAIT_COLUMNS } from './mapping-columns.ts'
import type { MappingRow } from './run-page-view.ts'

/** Rows that stand open; the others are folded. */
const MOST_OPEN = 20

/** Whose counts are told: what was planned of a run that sent nothing, else what was sent. */
export type Told = 'planned' | 'sent'

/** A mapping by its name in Braze, with its id, owner and ways below. */
export function mappingName({
  name,
  mapping,
  owner,
  ways,
}: Pick<MappingRow, 'name' | 'mapping' | 'owner' | 'ways'>): Part {
  const about = [mapping, ...(owner === null ? [] : [owner])]
  return markup`<span class="strong">${name}</span> ${ways.map((way) => markup`${pill(way, 'quiet')} `)}<br><span class="soft">${about.join(' · ')}</span>`
}

/** Audiences and segments: who is in them, who joined and left; those first that lose most. */
export function membershipTable(rows: readonly MappingRow[], told: Told): Markup {
  const own = rows
    .filter(({ section }) => section === 'audiences' || section === 'segments')
    .toSorted(
      (a, b) =>
        b[told].leaves - a[told].leaves || b[told].joins - a[told].joins || b.users - a.users,
    )
  if (own.length === 0) return NOTHING
  const most = Math.max(...own.map((row) => Math.max(row[told].joins, row[told].leaves)), 1)
  const line = (row: MappingRow) => [
    mappingName(row),
    membersText(row, told),
    counted(row[told].leaves),
    divergingBar(row[told], most),
    counted(row[told].joins),
    counted(row[told].data_points),
  ]
  return withRest('Audiences and segments', { columns: MEMBERSHIP_COLUMNS, lines: own.map(line) })
}

function membersText({ members, ...row }: MappingRow, told: Told): Part {
  if (members === null) return counted(0)
  const { joins, leaves } = row[told]
  const after = members.before + joins - leaves
  if (joins + leaves === 0) return formatCount(members.before)
  return markup`${formatCount(members.before)} → <span class="strong">${formatCount(after)}</span>`
}

/** Traits: values that are new, changed, unset, on a common scale. */
export function traitTable(rows: readonly MappingRow[], told: Told): Markup {
  const own = rows
    .filter(({ section }) => section === 'traits' || section === 'enrichment')
    .toSorted((a, b) => valuesOf(b, told) - valuesOf(a, told))
  if (own.length === 0) return NOTHING
  const most = Math.max(...own.map((row) => valuesOf(row, told)), 1)
  const line = (row: MappingRow) => [
    mappingName(row),
    counted(row[told].new),
    counted(row[told].changed),
    counted(row[told].unset),
    rowBar({ parts: partsOf(row, told), most }),
    counted(row[told].events),
    counted(row[told].data_points),
  ]
  const totals = partsOf({ sum: own }, told)
  return markup`${withRest('Traits', { columns: TRAIT_COLUMNS, lines: own.map(line) })}${totals.every(({ count }) => count === 0) ? NOTHING : legend(totals)}`
}

function valuesOf(row: MappingRow, told: Told): number {
  return row[told].new + row[told].changed + row[told].unset
}

function partsOf(
  rows: MappingRow | { readonly sum: readonly MappingRow[] },
  told: Told,
): readonly BarPart[] {
  const all = 'sum' in rows ? rows.sum : [rows]
  const add = (of: (row: MappingRow) => number) => all.reduce((sum, row) => sum + of(row), 0)
  return [
    { name: 'new', count: add((row) => row[told].new), fill: 2 },
    { name: 'changed', count: add((row) => row[told].changed), fill: 1 },
    { name: 'unset', count: add((row) => row[told].unset), fill: 3 },
  ]
}

/** What each mapping costs, most first. @param budget - what a run may use, and the month so far, in words */
export function costTable(rows: readonly MappingRow[], told: Told, budget: Part): Markup {
  const own = rows
    .filter((row) => row[told].data_points > 0)
    .toSorted((a, b) => b[told].data_points - a[told].data_points)
  const whole = own.reduce((sum, row) => sum + row[told].data_points, 0)
  const head = markup`<h2>Cost by mapping</h2><p class="soft">${budget}</p>`
  if (whole === 0) return head
  const most = Math.max(...own.map((row) => row[told].data_points))
  const line = (row: MappingRow) => {
    const count = row[told].data_points
    return [
      markup`<span class="strong">${row.name}</span> <span class="soft">${row.mapping}</span>`,
      formatCount(count),
      formatShare(count, whole),
      rowBar({ parts: [{ name: 'data points', count, fill: 1 }], most }),
    ]
  }
  return markup`${head}${restOf('Cost by mapping', { columns: COST_COLUMNS, lines: own.map(line) })}`
}

interface Rows {
  readonly columns: readonly Column[]
  readonly lines: readonly (readonly Part[])[]
}

function withRest(title: string, rows: Rows): Markup {
  return markup`<h2>${title}</h2>${restOf(title, rows)}`
}

function restOf(title: string, { columns, lines }: Rows): Markup {
  const rest = lines.slice(MOST_OPEN)
  const more =
    rest.length === 0
      ? NOTHING
      : folded(
          `and ${countOf(rest.length, 'more', 'more')}`,
          table(`${title}, the rest`, columns, rest),
        )
  return markup`${table(title, columns, lines.slice(0, MOST_OPEN))}${more}`
}
