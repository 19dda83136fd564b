import { expect, it } from 'vitest'
import { loadConfig } from '../../src/config/load.ts'
import { brazeRecipe } from '../../src/filter/recipe.ts'

const PROJECT = `version: 1
environments:
  local: { braze: { endpoint: simulator }, sources: { engage: { events: data } } }
`

function recipe(when: string): readonly string[] {
  const text = `version: 1
source: engage
traits:
  tier: { attribute: loyalty_tier, type: string, event: Tier Changed }
  points: { attribute: points_balance, type: integer }
  tags: { attribute: tags, type: array }
  seen: { attribute: seen_at, type: time }
  hidden: { send: false, type: string }
audiences:
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
    .slice(1)
    .map((line) => line.trim())
}

it.each([
  ['{ trait: tier, equals: gold }', ['Custom Attributes "loyalty_tier" is any of "gold"']],
  ['{ trait: tier, in: [gold, silver] }', ['Custom Attributes "loyalty_tier" is any of "gold", "silver"']],
  ['{ trait: points, exactly: 0 }', ['Custom Attributes "points_balance" exactly 0']],
  ['{ trait: tags, contains: shoes }', ['Custom Attributes "tags" includes any of "shoes"']],
  ['{ trait: tags, is_blank: false }', ['Custom Attributes "tags" has a value']],
  ['{ audience: vip, equals: false }', ['Custom Attributes "vip" is false']],
  ['{ trait: seen, more_than_days_ago: 60 }', ['Custom Attributes "seen_at" more than 60 days ago']],
  ['{ event: Tier Changed, more_than: 3 }', ['Custom Event "Tier Changed" more than 3 times']],
  [
    '{ event: Tier Changed, less_than: 3, within_days: 7 }',
    ['X Custom Event in Y Days "Tier Changed" less than 3 times in the past 7 calendar days'],
  ],
])('says how to build %s', (when, lines) => {
  expect(recipe(when)).toEqual(lines)
})

it('carries "not" down to operators Braze has', () => {
  expect(
    recipe('{ not: { any: [{ trait: tier, matches: x }, { trait: points, more_than: 3 }, { event: Tier Changed, exactly: 2 }] } }'),
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
  ])
})

it.each([
  ['{ trait: hidden, equals: x }', /"hidden" is not sent/u],
  ['{ audience: flagged, equals: true }', /shared array/u],
  ['{ trait: tier, not_equals: gold }', /without a value/u],
  ['{ event: Tier Changed, trait: tier, more_than: 1 }', /by name/u],
])('notes what stands in the way of %s', (when, note) => {
  expect(recipe(when).join('\n')).toMatch(note)
})
