import type { PlanSample } from '../../../plan/samples.ts'
import { folded, markup, NOTHING, table } from '../../html/index.ts'
import type { Column, Markup, Part } from '../../html/index.ts'
import { typeWords } from '../../plan/comment/folded.ts'
import { countOf } from '../../text/numbers.ts'

const COLUMNS: readonly Column[] = [{ head: 'User' }, { head: 'What' }, { head: 'Before → after' }]

/** A few users, before and after: identifiers shortened, types instead of values. */
export function planSamples(shown: readonly PlanSample[]): Markup {
  if (shown.length === 0) return NOTHING
  const summary = `${countOf(shown.length, 'user')} of those who change, before and after: identifiers shortened, types instead of values`
  return folded(summary, table(summary, COLUMNS, shown.flatMap(rowsOf)))
}

/** A row for each thing that changes; the first names the user. */
function rowsOf({ user, attributes, events, cohorts }: PlanSample): readonly (readonly Part[])[] {
  const rows: readonly (readonly [Part, Part])[] = [
    ...cohorts.map(({ name, member }): readonly [Part, Part] => [
      name,
      member ? becomes('no member', 'member') : becomes('member', 'no member'),
    ]),
    ...attributes.map(({ name, before, value }): readonly [Part, Part] => [
      name,
      becomes(typeWords(before), typeWords(value)),
    ]),
    ...events.map((event): readonly [Part, Part] => [event, 'an event is sent']),
  ]
  return rows.map(([what, change], at) => [
    at === 0 ? markup`<code>${user}</code>` : null,
    what,
    change,
  ])
}

function becomes(before: string, after: string): Markup {
  return markup`<span class="soft">${before}</span> → <span class="strong">${after}</span>`
}
