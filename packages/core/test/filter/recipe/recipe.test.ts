import { describe, expect, it } from 'vitest'
import { loadConfig } from '../../../src/config/load.ts'
import { brazeRecipe } from '../../../src/filter/recipe/recipe.ts'
import type { BrazeRecipe } from '../../../src/filter/recipe/recipe.ts'

const PROJECT = `version: 1
environments:
  local: { braze: { endpoint: simulator }, sources: { engage: { events: data } } }
`

function recipeOf(when: string): BrazeRecipe {
  const text = `version: 1
source: engage
traits:
  tier: { attribute: loyalty_tier, type: string, event: Tier Changed }
  points: { attribute: points_balance, type: integer }
  tags: { attribute: tags, type: array }
  seen: { attribute: seen_at, type: time }
  hidden: { send: false, type: string }
  active: { attribute: active, type: boolean }
  first_name: first_name
  kept: { attribute: kept, type: string, on_null: keep }
  late: { attribute: late, type: string, backfill: false }
  box: { attribute: box, type: object }
audiences:
  left: { attribute: left, on_exit: unset }
  told: { cohort: Told }
  vip: { attribute: vip, cohort: VIPs }
  flagged: { attribute: { name: flags, element: red } }
segments:
  s:
    when: ${when}
    attribute: s
`
  const { syncs, diagnostics } = loadConfig([
    { path: 'configs/engage-sync.yaml', text: PROJECT },
    { path: 'configs/x.yaml', text },
  ])
  expect(diagnostics.filter(({ severity }) => severity === 'error')).toEqual([])
  return brazeRecipe(syncs[0].segments.get('s')!, syncs[0])
}

function recipe(when: string): readonly string[] {
  return recipeOf(when)
    .lines.slice(1)
    .map((line) => line.trim())
}

it.each([
  ['{ trait: tier, equals: gold }', ['Custom Attributes "loyalty_tier" is any of "gold"']],
  [
    '{ trait: tier, in: [gold, silver] }',
    ['Custom Attributes "loyalty_tier" is any of "gold", "silver"'],
  ],
  ['{ trait: points, exactly: 0 }', ['Custom Attributes "points_balance" exactly 0']],
  ['{ trait: tags, contains: shoes }', ['Custom Attributes "tags" includes any of "shoes"']],
  ['{ trait: tags, is_blank: false }', ['Custom Attributes "tags" has a value']],
  ['{ audience: vip, equals: false }', ['Custom Attributes "vip" is false']],
  [
    '{ trait: seen, more_than_days_ago: 60 }',
    ['Custom Attributes "seen_at" more than 60 days ago'],
  ],
  ['{ event: Tier Changed, more_than: 3 }', ['Custom Event "Tier Changed" more than 3 times']],
  [
    '{ event: Tier Changed, less_than: 3, within_days: 7 }',
    ['X Custom Event in Y Days "Tier Changed" less than 3 times in the past 7 calendar days'],
  ],
])('says how to build %s', (when, lines) => {
  expect(recipe(when).slice(0, lines.length)).toEqual(lines)
})

it('carries "not" down to operators Braze has', () => {
  expect(
    recipe(
      '{ not: { any: [{ trait: tier, matches: x }, { trait: points, more_than: 3 }, { event: Tier Changed, exactly: 2 }] } }',
    ),
  ).toEqual([
    'all of these (AND):',
    'at least one of these (OR):',
    'Custom Attributes "loyalty_tier" does not match regex "x"',
    'Custom Attributes "loyalty_tier" is blank',
    'at least one of these (OR):',
    'Custom Attributes "points_balance" less than 3',
    'Custom Attributes "points_balance" exactly 3',
    'at least one of these (OR):',
    'Custom Event "Tier Changed" less than 2 times',
    'Custom Event "Tier Changed" more than 2 times',
    '',
    'Mind:',
    '- Braze counts every event "Tier Changed" it holds, whoever sent it.',
  ])
})

it.each([
  ['{ trait: hidden, equals: x }', /"hidden" is not sent/u],
  ['{ audience: flagged, equals: false }', /cannot tell who left "flagged"/u],
  ['{ audience: left, equals: false }', /cannot tell who left "left"/u],
  ['{ trait: tags, not_matches: x }', /no "does not match regex" for arrays/u],
  ['{ not: { trait: tags, matches: x } }', /no "does not match regex" for arrays/u],
  ['{ not: { trait: tier, matches: "^$" } }', /empty text/u],
  ['{ trait: first_name, equals: Ada }', /default attribute/u],
  ['{ trait: kept, equals: x }', /on_null: keep/u],
  ['{ trait: late, equals: x }', /no backfill/u],
  ['{ trait: box.size, equals: x }', /cast first/u],
  ['{ event: Tier Changed, trait: tier, more_than: 1 }', /by name/u],
])('notes what stands in the way of %s', (when, note) => {
  const { exact, notes } = recipeOf(when)

  expect(exact).toBe(false)
  expect(notes.join('\n')).toMatch(note)
})

it.each([
  [
    '{ event: Tier Changed, trait: tier, more_than: 1, within_days: 7 }',
    /"trait_key" of "Tier Changed" must be enabled for segmentation/u,
  ],
  ['{ not: { trait: seen, before: 2026-01-31 } }', /The very moment 2026-01-31 is left out/u],
  ['{ trait: seen, more_than_days_ago: 1.5 }', /fraction of a day/u],
  ['{ event: Tier Changed, more_than: 1 }', /whoever sent it/u],
  ['{ audience: told, equals: true }', /named after the partner/u],
])('says what to mind about %s, which takes the same users', (when, note) => {
  const { exact, notes } = recipeOf(when)

  expect(exact).toBe(true)
  expect(notes.join('\n')).toMatch(note)
})

describe('a recipe for what is not', () => {
  it.each([
    [
      '{ not: { audience: flagged, equals: true } }',
      ['flags" includes none of "red"', 'flags" is empty'],
    ],
    ['{ not: { audience: vip, equals: true } }', ['vip" is false or not set']],
    ['{ not: { audience: told, equals: true } }', ['Segment Cohorts does not include "Told"']],
    [
      '{ not: { trait: points, exactly: 0 } }',
      ['does not equal 0', 'points_balance" is not blank'],
    ],
    [
      '{ not: { trait: points, less_than: 0 } }',
      ['more than 0', 'exactly 0', 'points_balance" is not blank'],
    ],
    ['{ trait: tier, not_equals: gold }', ['is none of "gold"', 'loyalty_tier" is blank']],
    ['{ not: { trait: active, is_blank: false } }', ['is true or not set', 'is false or not set']],
    [
      '{ not: { event: Tier Changed, more_than: 50, within_days: 30 } }',
      ['less than 50 times', 'exactly 50 times'],
    ],
    [
      '{ not: { trait: seen, less_than_days_ago: 7 } }',
      ['more than 7 days ago', 'in less than 1 days', 'in more than 1 days', 'is blank'],
    ],
  ])('%s takes everybody else', (when, parts) => {
    const { exact, lines } = recipeOf(when)

    expect(exact).toBe(true)
    for (const part of parts) expect(lines.join('\n')).toContain(part)
  })
})
