import type { Json } from '@engage-sync/core'
import type { MappingHoldings } from '../../state/reading/mapping-holdings.ts'
import { decodeAbout } from '../../state/values/mapping-about.ts'
import type { Colours } from '../text/colours.ts'
import { countOf, formatCount, formatInstant } from '../text/numbers.ts'
import { alignRows } from '../text/table.ts'
import { destinationsOf } from './state.ts'

/**
 * Every mapping of a state, a line each, for a terminal.
 *
 * @param configured - those that are in a sync
 */
export function renderMappings(
  all: readonly MappingHoldings[],
  configured: { has(id: string): boolean },
  colours: Colours,
): string {
  if (all.length === 0) return 'The state knows no mapping yet: no run has sent anything.\n'
  const head = ['mapping', 'users', 'sends', ''].map((cell) => colours.dim(cell))
  const rows = all.map(({ record: { id, about }, users }) => [
    id,
    formatCount(users),
    destinationsOf(decodeAbout(about)),
    configured.has(id) ? '' : colours.yellow('in no sync'),
  ])
  return `${alignRows([head, ...rows], ['left', 'right']).join('\n')}\n`
}

/** One mapping of a state, for a terminal. */
export function renderMapping({ record, users, slots }: MappingHoldings, colours: Colours): string {
  const about = decodeAbout(record.about)
  const options = Object.entries(about.options ?? {}).map(([name, value]) => [name, textOf(value)])
  const blocks = [
    [
      `${colours.bold(record.id)}${record.active ? '' : colours.yellow(' · gone')}`,
      colours.dim(
        `  born ${formatInstant(record.bornAt)} · ${countOf(users, 'user')} · ${destinationsOf(about)}`,
      ),
    ],
    indented(options),
    indented([
      ['sent as', 'users', 'unset'].map((cell) => colours.dim(cell)),
      ...slots.map(({ slot, holds, unset }) => [
        slot.slice(record.id.length + 1),
        formatCount(holds),
        formatCount(unset),
      ]),
    ]),
  ]
  const shown = blocks.filter((block) => block.length > 0).map((block) => block.join('\n'))
  return `${shown.join('\n\n')}\n`
}

/** The same as data: version 1, extended, never renamed. */
export function mappingJson({ record, users, slots }: MappingHoldings): object {
  const { id, fingerprint, bornAt, active, about } = record
  return {
    version: 1,
    id,
    active,
    born_at: new Date(bornAt).toISOString(),
    fingerprint,
    users,
    ...decodeAbout(about),
    slots: slots.map(({ slot, holds, unset }) => ({ slot, holds, unset })),
  }
}

function indented(rows: readonly (readonly string[])[]): readonly string[] {
  return alignRows(
    rows.map((row) => ['', ...row]),
    [],
  )
}

function textOf(value: Json): string {
  return typeof value === 'string' ? value : JSON.stringify(value)
}
