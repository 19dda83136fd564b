import { expect, it } from 'vitest'
import type { Json } from '@engage-sync/contract'
import type { AttributeWrite } from '../../src/braze/attribute.ts'
import { dataPointsOf } from '../../src/braze/data-points.ts'

it.each<[string, string, Json, AttributeWrite['mode'] | undefined, number]>([
  ['a scalar', 'ltv', 7, undefined, 1],
  ['a null', 'ltv', null, undefined, 1],
  ['a whole array', 'tags', ['a', 'b', 'c'], undefined, 1],
  ['an empty array', 'tags', [], undefined, 1],
  [
    'an object of 5 + 2 leaves',
    'o',
    { a: 1, b: 2, c: 3, d: 4, e: 5, f: { g: 6, h: 7 } },
    undefined,
    7,
  ],
  ['an empty object', 'o', {}, undefined, 1],
  ['a nested time', 'o', { at: { $time: '2026-01-01T00:00:00.000Z' } }, undefined, 1],
  [
    'two objects of 4',
    'pets',
    [
      { a: 1, b: 2, c: 3, d: 4 },
      { a: 1, b: 2, c: 3, d: 4 },
    ],
    undefined,
    8,
  ],
  ['added values', 'tags', { add: ['a', 'b'] }, 'array-update', 2],
  [
    'removed objects',
    'pets',
    { $remove: [{ $identifier_key: 'a' }, { $identifier_key: 'b' }] },
    'objects-by-id',
    2,
  ],
  ['removed values', 'tags', { remove: ['a'] }, 'array-update', 1],
  ['an element', 'flags', { add: ['vip'], remove: ['old'] }, 'element', 2],
  [
    'objects by id',
    'pets',
    {
      $add: [{ a: 1, b: 2 }],
      $update: [{ $identifier_key: 'a', $identifier_value: 1, $new_object: { b: 2, c: 3 } }],
      $remove: [{ $identifier_key: 'a', $identifier_value: 2 }],
    },
    'objects-by-id',
    5,
  ],
])('%s costs what the billing table says', (_, name, value, mode, points) => {
  expect(
    dataPointsOf(name, value, { standard: false, ...(mode === undefined ? {} : { mode }) }),
  ).toBe(points)
})

it.each([
  ['email', 1],
  ['country', 1],
  ['email_subscribe', 0],
  ['push_subscribe', 0],
  ['subscription_groups', 0],
])('the standard attribute %s costs %i', (name, points) => {
  expect(dataPointsOf(name, null, { standard: true })).toBe(points)
})
