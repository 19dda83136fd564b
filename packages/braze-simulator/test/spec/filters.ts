import { expect } from 'vitest'
import type { RuleName } from '../../src/index.ts'
import type { Spec } from './probe.ts'

const NOW = Date.UTC(2026, 2, 20, 1)
const attribute = (
  name: string,
  comparison: string,
  value?: unknown,
  path?: string,
  type?: string,
) => ({
  custom_attribute: { custom_attribute_name: name, comparison, value, path, type },
})
const event = (comparison: string, value: number, withinDays?: number, property?: object) => ({
  custom_event: { custom_event_name: 'E', comparison, value, within_days: withinDays, ...property },
})

/** Users the filters look at; `none` has no values at all. */
const USERS = [
  {
    external_id: 'gold',
    plan: 'Gold',
    n: 5,
    vip: true,
    list: ['red', 'Blue'],
    at: '2026-03-18T00:00:00Z',
    o: { city: 'Rome', pets: [{ name: 'Rex' }] },
  },
  {
    external_id: 'zero',
    plan: 'gold digger',
    n: 0,
    vip: false,
    list: ['blue'],
    at: '2026-03-25T00:00:00Z',
  },
  { external_id: 'blank', plan: '', n: -1 },
  { external_id: 'none', other: 1 },
]
const EVENTS = [
  ['gold', '2026-03-17T00:30:00Z', { colour: 'red' }],
  ['gold', '2026-03-19T00:00:00Z', { colour: 'blue' }],
  ['zero', '2026-03-16T23:30:00Z', {}],
] as const

/** A spec of the users a filter takes. */
function takes(
  rules: readonly RuleName[],
  filter: object,
  ids: readonly string[],
  settings = {},
): Spec {
  return {
    title: `${JSON.stringify(filter)} takes ${ids.join(', ') || 'nobody'}`,
    rules,
    options: { now: () => NOW, settings },
    check: async (probe) => {
      await probe.track({
        attributes: USERS,
        events: EVENTS.map(([user, time, properties]) => ({
          external_id: user,
          name: 'E',
          time,
          properties,
        })),
      })
      expect(await probe.select(filter)).toEqual(ids.toSorted())
    },
  }
}

/** Segment filters: point 25. */
export const FILTERS: readonly Spec[] = [
  takes([], attribute('plan', 'equals', 'Gold'), ['gold']),
  takes([], attribute('plan', 'equals', ['Gold', '']), ['gold', 'blank']),
  takes([], attribute('nobody_has_it', 'includes_value', 'red'), []),
  takes([], attribute('nobody_has_it', 'before', '2026-03-20'), []),
  takes([], attribute('plan', 'not_equal', 'Gold'), ['zero', 'blank', 'none']),
  takes([], attribute('plan', 'not_equal', 'Gold'), ['zero', 'blank'], { absentMatchesNot: false }),
  takes([], attribute('plan', 'contains', 'old d'), ['zero']),
  takes(['filterRegexCase', 'filterRegexAnchors'], attribute('plan', 'matches_regex', 'GOLD'), [
    'gold',
    'zero',
  ]),
  takes(['filterRegexCase'], attribute('plan', 'matches_regex', '(^gold$)|(^silver$)'), ['gold']),
  takes(['filterNotRegexBlank'], attribute('plan', 'does_not_match_regex', 'digger'), ['gold']),
  takes(['filterBlank'], attribute('plan', 'exists'), ['gold', 'zero']),
  takes(['filterBlank'], attribute('plan', 'does_not_exist'), ['blank', 'none']),
  takes([], attribute('n', 'equals', 5), ['gold']),
  takes(['filterTyped'], attribute('vip', 'equals', 'true'), []),
  takes(['filterZero'], attribute('n', 'equals', 0), ['zero', 'none']),
  takes(['filterZero'], attribute('n', 'less_than', 1), ['zero', 'blank', 'none']),
  takes([], attribute('n', 'greater_than', -1), ['gold', 'zero']),
  takes([], attribute('vip', 'equals', false), ['zero']),
  takes([], attribute('vip', 'not_equal', true), ['zero', 'blank', 'none']),
  takes([], attribute('list', 'includes_value', 'Blue'), ['gold']),
  takes([], attribute('list', 'values_contain', 'lu'), ['gold', 'zero']),
  takes([], attribute('list', 'all_of', ['Blue', 'red']), ['gold']),
  takes([], attribute('list', 'does_not_exist'), ['blank', 'none']),
  takes([], attribute('at', 'before', '2026-03-19'), ['gold']),
  takes([], attribute('at', 'less_than_x_days_ago', 3), ['gold']),
  takes([], attribute('at', 'less_than_x_days_in_the_future', 5), ['zero']),
  takes([], attribute('o', 'equals', 'Rome', 'city'), ['gold']),
  takes([], attribute('o', 'equals', 'Rex', 'pets[].name'), ['gold']),
  takes([], attribute('o', 'equals', ['Oslo', 'Rome'], 'city', 'string'), ['gold']),
  takes([], event('greater_than', 1), ['gold']),
  takes([], event('equals', 0), ['blank', 'none']),
  takes(['filterUtcDays'], event('greater_than', 1, 3), ['gold']),
  takes([], event('less_than', 1, 3), ['zero', 'blank', 'none']),
  takes([], event('greater_than', 0, 3, { property_name: 'colour', property_value: 'red' }), [
    'gold',
  ]),
  takes(
    [],
    {
      AND: [
        attribute('plan', 'matches_regex', 'gold'),
        { OR: [attribute('vip', 'equals', true), event('equals', 7)] },
      ],
    },
    ['gold'],
  ),
  {
    title: 'a pattern over 10,000 bytes is refused, as is one that cannot be read',
    rules: ['filterRegexSize'],
    check: async (probe) => {
      await probe.write({ plan: 'gold' })
      const send = (pattern: string) =>
        probe.send('/simulator/filter', attribute('plan', 'matches_regex', pattern))
      expect((await send('x'.repeat(10_000))).status).toBe(200)
      expect((await send('(')).status).toBe(400)
      expect((await send('x'.repeat(10_001))).status).toBe(400)
    },
  },
  {
    title: 'a cohort filter knows cohorts by name',
    rules: [],
    check: async (probe) => {
      await probe.track({ attributes: USERS })
      await probe.partner('cohorts', { cohort_id: 'c', name: 'Fans', created_at: '2026-03-01' })
      await probe.partner('cohorts/users', {
        cohort_id: 'c',
        cohort_changes: [{ user_ids: ['gold'] }],
      })
      expect(await probe.select({ cohort: { name: 'Fans' } })).toEqual(['gold'])
      expect(
        await probe.select({ cohort: { name: 'Fans', comparison: 'does_not_include' } }),
      ).toEqual(['blank', 'none', 'zero'])
    },
  },
]
