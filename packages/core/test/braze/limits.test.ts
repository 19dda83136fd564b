import { describe, expect, it } from 'vitest'
import type { Json } from '@engage-sync/contract'
import {
  checkAttributeLimits,
  checkPropertyLimits,
  checkReplacingLimits,
  nameProblem,
  nestedKeyProblem,
} from '../../src/braze/limits.ts'

const texts = (count: number) => Array.from({ length: count }, (_, index) => `v${index}`)

describe('checkReplacingLimits', () => {
  it.each<[string, Json, Json]>([
    ['of an object', { a: 1, b: null }, { a: 1 }],
    ['however deep', { a: { b: null, c: { d: null } } }, { a: { c: {} } }],
    ['of objects in an array', [{ a: null, b: 2 }], [{ b: 2 }]],
    ['when there is nothing else', { a: null }, {}],
  ])('leaves out null members %s', (_, value, kept) => {
    expect(checkReplacingLimits(value)).toEqual({ ok: true, value: kept })
  })

  it('rejects a null in an array', () => {
    expect(checkReplacingLimits([null])).toMatchObject({
      ok: false,
      rejection: { code: 'NESTED_NULL' },
    })
  })
})

describe('checkAttributeLimits', () => {
  it.each<[string, Json]>([
    ['255 characters', 'x'.repeat(255)],
    ['255 characters outside the basic plane', '💥'.repeat(255)],
    ['500 elements', texts(500)],
    ['more elements, of which 500 differ', [...texts(500), ...texts(500)]],
    ['an object', { a: { b: [1, 2], at: { $time: '2026-01-01' } } }],
    ['a nested time with the year last', [{ at: { $time: '2/28/2026' } }]],
    ['a nested time with a weekday', { at: { $time: 'Mon 2 28 10:00:00.UTC 2026' } }],
    ['a nested time with a colon before its milliseconds', { $time: '2026-02-28T10:00:00:123Z' }],
    ['objects', [{ a: 1 }, { b: 2 }]],
    ['just under 100 KB', { a: texts(400).map(() => 'x'.repeat(250)) }],
  ])('passes %s', (_, value) => {
    expect(checkAttributeLimits(value)).toEqual({ ok: true, value })
  })

  it.each<[string, Json, string]>([
    ['256 characters', 'x'.repeat(256), 'LIMIT_STRING'],
    ['256 characters outside the basic plane', '💥'.repeat(256), 'LIMIT_STRING'],
    ['501 elements', texts(501), 'LIMIT_ARRAY'],
    ['a long string in an array', ['x'.repeat(256)], 'LIMIT_STRING'],
    ['over 100 KB', { a: texts(420).map(() => 'x'.repeat(250)) }, 'LIMIT_OBJECT'],
    ['a null inside', { a: null }, 'NESTED_NULL'],
    ['a null in an array', [null], 'NESTED_NULL'],
    ['an array in an array', [[1]], 'NESTED_ARRAY'],
    ['a key with a dot', { 'a.b': 1 }, 'NESTED_KEY'],
    ['a key with a space, deep inside', [{ a: { 'b c': 1 } }], 'NESTED_KEY'],
    ['a key with a dollar', { $a: 1 }, 'NESTED_KEY'],
    ['a time beside other members', { at: { $time: '2026-02-28', zone: 'UTC' } }, 'NESTED_KEY'],
    ['a time that is none', { at: { $time: 'soon' } }, 'NESTED_TIME'],
    ['a time that is no text', [{ at: { $time: 1767607200 } }], 'NESTED_TIME'],
    ['a time that is null', { at: { $time: null } }, 'NESTED_TIME'],
    ['a day that is not', { at: { $time: '2026-02-30' } }, 'NESTED_TIME'],
    ['a year beyond what is stored', { at: { $time: '9999-01-01T00:00:00Z' } }, 'NESTED_TIME'],
  ])('rejects %s', (_, value, code) => {
    expect(checkAttributeLimits(value)).toMatchObject({ ok: false, rejection: { code } })
  })
})

it.each<[Json, string | null]>([
  ['x'.repeat(255), null],
  ['x'.repeat(256), 'LIMIT_STRING'],
  [texts(501), null],
  [{ a: null }, null],
  [{ a: texts(420).map(() => 'x'.repeat(250)) }, 'LIMIT_OBJECT'],
])('checkPropertyLimits knows the limits of events (%#)', (value, code) => {
  const result = checkPropertyLimits(value)

  expect(result.ok ? null : result.rejection.code).toBe(code)
})

it.each(['', 'a b', 'a.b', '$a', 'x'.repeat(256)])('nestedKeyProblem sees one in %j', (key) => {
  expect(nestedKeyProblem(key)).not.toBeNull()
})

it.each(['', '$a', 'x'.repeat(256)])('nameProblem sees one in %j', (name) => {
  expect(nameProblem(name)).not.toBeNull()
})

it.each(['a', 'a b.c', 'x'.repeat(255)])('nameProblem sees none in %j', (name) => {
  expect(nameProblem(name)).toBeNull()
})
