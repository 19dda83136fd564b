import { expect } from 'vitest'
import type { JsonObject } from '@engage-sync/contract'
import type { RuleName } from '../../src/index.ts'
import type { Spec } from './probe.ts'

/** A spec of what is stored after some writes to one user, one request each. */
function stores(
  rules: readonly RuleName[],
  title: string,
  writes: readonly JsonObject[],
  stored: JsonObject,
): Spec {
  return {
    title,
    rules,
    check: async (probe) => {
      await probe.write(...writes)
      expect(await probe.custom()).toEqual(stored)
    },
  }
}

const TIMES: readonly (readonly [string, string])[] = [
  ['2026-03-01T09:30:00Z', '2026-03-01T09:30:00.000Z'],
  ['2026-03-01T09:30:00+02:00', '2026-03-01T07:30:00.000Z'],
  ['2026-03-01T09:30:00:123Z', '2026-03-01T09:30:00.123Z'],
  ['2026-03-01T09:30:00', '2026-03-01T09:30:00.000Z'],
  ['2026-03-01 09:30:00', '2026-03-01T09:30:00.000Z'],
  ['2019-02-15 00:00:00 -0500', '2019-02-15T05:00:00.000Z'],
  ['2026-03-01', '2026-03-01T00:00:00.000Z'],
  ['12/1/2021', '2021-12-01T00:00:00.000Z'],
  ['12-1-2021', '2021-12-01T00:00:00.000Z'],
]
const NO_TIMES = [
  '3001-01-01',
  '-001-01-01',
  '2026-13-01',
  '2026-02-30',
  'order-2026-03-01',
  '2026',
  '7',
  'Sunday',
]

/** Custom and standard attributes: point 15. */
export const ATTRIBUTES: readonly Spec[] = [
  stores(['trimNames'], 'names lose spaces around them', [{ ' plan ': 'gold' }], { plan: 'gold' }),
  stores(['caseSensitiveNames'], 'names differ by case', [{ plan: 1, Plan: 2 }], {
    plan: 1,
    Plan: 2,
  }),
  {
    title: 'standard names are stored beside the custom attributes, other spellings among them',
    rules: ['standardNames'],
    check: async (probe) => {
      await probe.write({
        first_name: 'Ada',
        First_Name: 'Ada',
        email: 'Ada@Example.com',
        gender: 'F',
        dob: '1815-12-10',
        language: 'EN',
      })
      expect(await probe.user()).toMatchObject({
        first_name: 'Ada',
        email: 'ada@example.com',
        gender: 'F',
        dob: '1815-12-10',
        language: 'en',
      })
      expect(await probe.custom()).toEqual({ First_Name: 'Ada' })
    },
  },
  stores(['nullDeletes'], 'null removes an attribute', [{ a: 1, b: 2 }, { a: null }], { b: 2 }),
  stores(['emptyStringKept'], 'an empty string is a value', [{ a: '' }], { a: '' }),
  stores(['firstTypeFixed'], 'the first value fixes the type', [{ a: '100' }, { a: 200 }], {
    a: '200',
  }),
  {
    title: 'the type is fixed for all users, and outlives the value',
    rules: ['firstTypeFixed'],
    check: async (probe) => {
      await probe.write({ a: 'text' }, { a: null }, { a: 5 })
      await probe.track({ attributes: [{ external_id: 'other', a: 6 }] })
      expect([await probe.custom(), await probe.custom('other')]).toEqual([{ a: '5' }, { a: '6' }])
    },
  },
  stores(
    ['coerceValues'],
    'values become the type where they can',
    [
      { b: true, n: 1, s: 'x' },
      { b: 'F', n: ' 2.5 ', s: 3 },
    ],
    { b: false, n: 2.5, s: '3' },
  ),
  ...TIMES.map(([sent, stored]) =>
    stores(['dateStrings'], `${sent} is a time`, [{ at: sent }], {
      at: stored === sent ? sent : stored,
    }),
  ),
  ...NO_TIMES.map((sent) =>
    stores([], `${sent} stays text`, [{ at: sent }, { at: 'text' }], { at: 'text' }),
  ),
  stores(
    ['arraySet', 'arrayMoveToEnd'],
    'an array holds a value once, the repeated one last',
    [{ list: ['a', 'b', 'a'] }],
    {
      list: ['b', 'a'],
    },
  ),
  stores(
    ['arraySet'],
    'an added value that is there is not doubled',
    [{ list: ['a', 'b'] }, { list: { add: ['b'] } }],
    {
      list: ['a', 'b'],
    },
  ),
  stores(
    ['arrayMoveToEnd'],
    'an added value that is there moves to the end',
    [{ list: ['a', 'b'] }, { list: { add: ['a'] } }],
    {
      list: ['b', 'a'],
    },
  ),
  {
    title: 'a full array loses its oldest value',
    rules: ['arrayLimit'],
    check: async (probe) => {
      await probe.write(
        { list: Array.from({ length: 500 }, (_, index) => index) },
        { list: { add: [500] } },
      )
      expect((await probe.custom()).list).toEqual(
        Array.from({ length: 500 }, (_, index) => index + 1),
      )
      expect(await probe.drops()).toEqual(['array_full'])
    },
  },
  {
    title: 'a full array can lose the newest value instead',
    rules: ['arrayLimit'],
    options: { settings: { arrayLimit: 2, arrayOverflow: 'newest' } },
    check: async (probe) => {
      await probe.write({ list: ['a', 'b', 'c'] })
      expect(await probe.custom()).toEqual({ list: ['a', 'b'] })
    },
  },
  stores(
    ['increment'],
    'inc adds, from 0, negatives too',
    [{ n: { inc: 5 } }, { n: { inc: -2 } }],
    { n: 3 },
  ),
  stores(
    ['arrayAdd'],
    'add appends, and makes the array',
    [{ list: { add: ['a'] } }, { list: { add: ['b', 'c'] } }],
    {
      list: ['a', 'b', 'c'],
    },
  ),
  stores(
    ['arrayRemove'],
    'remove takes away',
    [{ list: ['a', 'b', 'c'] }, { list: { remove: ['a', 'z'] } }],
    { list: ['b', 'c'] },
  ),
  stores(
    ['arrayAdd', 'arrayRemove'],
    'add and remove go together',
    [{ list: ['a'] }, { list: { add: ['b'], remove: ['a'] } }],
    {
      list: ['b'],
    },
  ),
  stores(
    ['objectAdd'],
    '$add appends objects',
    [{ pets: [{ id: 1 }] }, { pets: { $add: [{ id: 2 }, { id: 2 }] } }],
    {
      pets: [{ id: 1 }, { id: 2 }, { id: 2 }],
    },
  ),
  stores(
    ['objectRemove'],
    '$remove takes every match',
    [
      { pets: [{ id: 1 }, { id: 2 }, { id: 1 }] },
      { pets: { $remove: [{ $identifier_key: 'id', $identifier_value: 1 }] } },
    ],
    { pets: [{ id: 2 }] },
  ),
  stores(
    ['objectUpdate'],
    '$update replaces the match',
    [
      { pets: [{ id: 1, age: 2 }] },
      {
        pets: {
          $update: [
            { $identifier_key: 'id', $identifier_value: 1, $new_object: { id: 1, name: 'Rex' } },
          ],
        },
      },
    ],
    { pets: [{ id: 1, name: 'Rex' }] },
  ),
  stores(
    ['objectUpdate'],
    '$update merges with _merge_objects',
    [
      { pets: [{ id: 1, age: 2 }] },
      {
        _merge_objects: true,
        pets: {
          $update: [{ $identifier_key: 'id', $identifier_value: 1, $new_object: { name: 'Rex' } }],
        },
      },
    ],
    { pets: [{ id: 1, age: 2, name: 'Rex' }] },
  ),
  stores(
    ['operatorOrder'],
    'an object that is removed and added in one request is gone',
    [
      { pets: [{ id: 1 }] },
      {
        pets: {
          $remove: [{ $identifier_key: 'id', $identifier_value: 1 }],
          $add: [{ id: 1, name: 'Rex' }],
        },
      },
    ],
    { pets: [] },
  ),
  stores(
    ['mergeObjects'],
    '_merge_objects merges deeply, and replaces arrays',
    [
      { o: { a: 1, b: { c: 1, list: [1] } } },
      { _merge_objects: true, o: { b: { d: 2, list: [2] } } },
    ],
    { o: { a: 1, b: { c: 1, d: 2, list: [2] } } },
  ),
  stores(
    ['overwriteObjects'],
    'an object replaces the old one',
    [{ o: { a: 1 } }, { o: { b: 2 } }],
    { o: { b: 2 } },
  ),
  stores(
    ['overwriteObjects'],
    'an object replaces the old one when merging is refused',
    [{ o: { a: 1 } }, { _merge_objects: false, o: { b: 2 } }],
    { o: { b: 2 } },
  ),
  stores([], 'null removes a whole object', [{ o: { a: 1 } }, { o: null }], {}),
  stores([], 'a nested time is kept as it was written', [{ o: { at: { $time: '2026-03-01' } } }], {
    o: { at: { $time: '2026-03-01' } },
  }),
  {
    title: 'subscription groups are kept by id',
    rules: [],
    check: async (probe) => {
      const group = (id: string, state: string) => ({
        subscription_group_id: `00000000-0000-4000-8000-00000000000${id}`,
        subscription_state: state,
      })
      await probe.write({
        subscription_groups: [group('a', 'subscribed'), group('b', 'subscribed')],
      })
      await probe.write({ subscription_groups: [group('a', 'unsubscribed')] })
      expect((await probe.user()).subscription_groups).toEqual([
        group('a', 'unsubscribed'),
        group('b', 'subscribed'),
      ])
    },
  },
]
