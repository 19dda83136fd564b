import { expect } from 'vitest'
import type { RuleName } from '../../src/index.ts'
import type { Spec } from './probe.ts'

const NOW = Date.UTC(2026, 2, 20, 1)
const event = (time: string, properties?: object) => ({
  external_id: 'u',
  name: 'E',
  time,
  ...(properties === undefined ? {} : { properties }),
})
const clock = { now: () => NOW }

/** A spec of what some objects cost. */
function costs(
  rules: readonly RuleName[],
  title: string,
  points: number,
  bodies: readonly object[],
  options: Spec['options'] = {},
): Spec {
  return {
    title: `${title} costs ${points}`,
    rules,
    options,
    check: async (probe) => {
      for (const body of bodies) await probe.track(body)
      expect(await probe.points()).toBe(points)
    },
  }
}
const attributes = (...objects: readonly object[]) =>
  objects.map((object) => ({ attributes: [{ external_id: 'u', ...object }] }))

/** Events and the ledger: points 16 and 18. */
export const EVENTS: readonly Spec[] = [
  {
    title: 'an event of the future happened now',
    rules: ['futureEvents'],
    options: clock,
    check: async (probe) => {
      await probe.track({ events: [event('2030-01-01')] })
      expect((await probe.user()).custom_events[0].last).toBe(new Date(NOW).toISOString())
    },
  },
  {
    title: 'equal events count each',
    rules: ['repeatedEvents'],
    options: clock,
    check: async (probe) => {
      await probe.track({ events: [event('2026-03-19'), event('2026-03-19')] })
      expect((await probe.user()).custom_events[0].count).toBe(2)
    },
  },
  {
    title: 'a profile has first, last and count of a name',
    rules: ['eventSummary'],
    options: clock,
    check: async (probe) => {
      await probe.track({ events: [event('2026-03-02'), event('2013-03-01'), event('2026-03-09')] })
      expect((await probe.user()).custom_events).toEqual([
        {
          name: 'E',
          first: '2013-03-01T00:00:00.000Z',
          last: '2026-03-09T00:00:00.000Z',
          count: 3,
        },
      ])
    },
  },
  {
    title: 'single events of the last 31 days are kept with their properties',
    rules: ['eventDays'],
    options: clock,
    check: async (probe) => {
      await probe.track({ events: [event('2026-02-17', { a: 1 }), event('2026-01-01', { a: 2 })] })
      expect((await probe.look('users/u?raw')).events).toEqual({
        E: [{ time: '2026-02-17T00:00:00.000Z', properties: { a: 1 } }],
      })
    },
  },
  {
    title: 'the first 256 properties are kept',
    rules: ['propertyCount'],
    options: clock,
    check: async (probe) => {
      const properties = Object.fromEntries(
        Array.from({ length: 257 }, (_, index) => [`p${index}`, index]),
      )
      await probe.track({ events: [event('2026-03-19', properties)] })
      expect(Object.keys((await probe.look('users/u?raw')).events.E[0].properties)).toHaveLength(
        256,
      )
      expect(await probe.drops()).toEqual(['too_many_properties'])
    },
  },
  costs(
    ['pointsUnchanged'],
    'one attribute, sent twice unchanged,',
    2,
    attributes({ a: 1 }, { a: 1 }),
  ),
  costs(['pointsNull'], 'a null', 3, attributes({ a: 1, b: { c: 1 } }, { b: null })),
  costs([], 'a replaced array', 1, attributes({ list: ['a', 'b', 'c'] })),
  costs(
    ['pointsArrayAdd'],
    'adding three values',
    3,
    attributes({ list: { add: ['a', 'b', 'c'] } }),
  ),
  costs(
    ['pointsArrayAdd'],
    'removing an absent value, and one more,',
    2,
    attributes({ list: { remove: ['z', 'y'] } }),
  ),
  costs(
    ['pointsObject'],
    'an object of 5 + 2 leaves',
    7,
    attributes({ o: { a: 1, b: 2, c: 3, d: 4, e: 5, f: { g: 6, h: { $time: '2026-03-01' } } } }),
  ),
  costs(
    ['pointsObject'],
    'an array of 2 objects with 4 keys',
    8,
    attributes({
      pets: [
        { a: 1, b: 2, c: 3, d: 4 },
        { a: 1, b: 2, c: 3, d: 4 },
      ],
    }),
  ),
  costs(
    ['pointsOperators'],
    '$update of 3 properties',
    4,
    attributes(
      { pets: [{ id: 1 }] },
      {
        pets: {
          $update: [
            { $identifier_key: 'id', $identifier_value: 1, $new_object: { id: 1, a: 2, b: 3 } },
          ],
        },
      },
    ),
  ),
  costs(
    ['pointsOperators'],
    '$remove by 2 criteria',
    3,
    attributes(
      { pets: [{ id: 1 }] },
      { pets: { $remove: [1, 2].map((id) => ({ $identifier_key: 'id', $identifier_value: id })) } },
    ),
  ),
  costs(
    ['pointsFree'],
    'subscriptions and identifiers',
    0,
    attributes({ email_subscribe: 'opted_in', push_subscribe: 'subscribed' }),
  ),
  costs(
    [],
    'every standard attribute',
    9,
    attributes({
      first_name: 'A',
      last_name: 'B',
      email: 'a@b.co',
      phone: '+1',
      gender: 'F',
      dob: '2000-01-01',
      home_city: 'C',
      country: 'DE',
      language: 'en',
    }),
  ),
  costs(['pointsFree'], 'a value that is dropped', 0, attributes({ a: 'x'.repeat(256) })),
  costs([], 'an update of an unknown user', 0, attributes({ a: 1, _update_existing_only: true })),
  costs([], 'two events', 2, [{ events: [event('2026-03-19', { a: 1 }), event('2026-03-19')] }]),
  costs(
    ['pointsEvent'],
    'an event with a segmentable property',
    2,
    [{ events: [event('2026-03-19', { a: 1, b: 2 })] }],
    {
      settings: { segmentableProperties: ['E.a', 'Other.b'] },
    },
  ),
  costs([], 'a purchase', 1, [
    {
      purchases: [
        { external_id: 'u', product_id: 'p', currency: 'USD', price: 9.5, time: '2026-03-19' },
      ],
    },
  ]),
  {
    title: 'a membership change costs one, unless it is set to nothing',
    rules: ['pointsCohort'],
    check: async (probe) => {
      await probe.write({ a: 1 })
      await probe.partner('cohorts/users', {
        cohort_id: 'c',
        cohort_changes: [{ user_ids: ['u', 'unknown'] }],
      })
      expect((await probe.look('ledger')).kinds.cohorts).toBe(1)
      probe.simulator.settings.cohortPoints = 0
      await probe.partner('cohorts/users', {
        cohort_id: 'c',
        cohort_changes: [{ user_ids: ['u'], should_remove: true }],
      })
      expect((await probe.look('ledger')).kinds.cohorts).toBe(1)
    },
  },
  {
    title: 'the ledger has every request, and their sum',
    rules: [],
    check: async (probe) => {
      await probe.write({ a: 1, b: 2 }, { c: 3, email: 'a@b.co' })
      expect(await probe.look('ledger')).toMatchObject({
        total: 4,
        kinds: {
          custom_attributes: 3,
          standard_attributes: 1,
          events: 0,
          purchases: 0,
          cohorts: 0,
        },
        requests: [
          { request: 1, path: '/users/track', total: 2 },
          { request: 2, path: '/users/track', total: 2, standard_attributes: 1 },
        ],
      })
    },
  },
]
