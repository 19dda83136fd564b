import { expect, it } from 'vitest'
import { changeLines } from '../../../src/output/plan/change-lines.ts'
import { PLAIN } from '../../../src/output/text/colours.ts'
import type { MappingChange } from '../../../src/plan/changes.ts'
import type { PlanView } from '../../../src/plan/view.ts'

function change(parts: Partial<MappingChange>): MappingChange {
  return {
    kind: 'changed',
    mapping: 'shop:traits.worth',
    moved_from: null,
    attribute: null,
    events: [],
    cohort: null,
    recorded: true,
    was_away: false,
    options: [],
    users: 0,
    data_points: 0,
    joins: 0,
    leaves: 0,
    members: null,
    stale_users: null,
    ...parts,
  }
}

function linesOf(changes: readonly MappingChange[], created: readonly string[] = []): string[] {
  const plan = {
    changes,
    sync_changes: [],
    cohorts: { created, renamed: [] },
  } as unknown as PlanView
  return changeLines(plan, PLAIN).slice(1)
}

const filter = { option: 'when.item.matches', before: 'wool', after: 'wool|silk' }

it.each<[string, Partial<MappingChange>, readonly string[]]>([
  [
    'a filter: who comes and goes, and what it was',
    { options: [filter], users: 5, joins: 3, leaves: 2, members: 8, data_points: 5 },
    [
      '  ~ shop:traits.worth  5 users · 3 join · 2 leave (25% of 8 members) · 5 data points',
      '      when.item.matches: "wool" → "wool|silk"',
    ],
  ],
  [
    'what is new, with all that is set',
    { kind: 'added', options: [{ option: 'attribute', before: null, after: 'ltv' }] },
    ['  + shop:traits.worth', '      attribute: "ltv"'],
  ],
  [
    'what stays behind, and for whom',
    { kind: 'orphaned', attribute: 'ltv', stale_users: 2515 },
    [
      '  ? attribute ltv  shop:traits.worth fills it no more: 2,515 users keep stale values (say moved: or retire:)',
    ],
  ],
  [
    'what is retired',
    { kind: 'retired', attribute: 'ltv', users: 1 },
    ['  - attribute ltv  unset for 1 user'],
  ],
  [
    'what got another name',
    { kind: 'moved', moved_from: 'shop:traits.ltv' },
    ['  → shop:traits.worth  was shop:traits.ltv'],
  ],
  [
    'what an older state did not keep',
    { recorded: false },
    ['  ~ shop:traits.worth', '      what else it was is not recorded in this state'],
  ],
])('says of %s', (_, parts, lines) => {
  expect(linesOf([change(parts)])).toEqual(lines)
})

it('says which cohorts are created, and nothing where nothing changed', () => {
  expect(linesOf([], ['VIPs'])).toEqual(['  + cohort VIPs  created'])
  expect(linesOf([])).toEqual([])
})
