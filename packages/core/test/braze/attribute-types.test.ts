import { describe, expect, it } from 'vitest'
import { canonicalText } from '@engage-sync/contract'
import type { Json } from '@engage-sync/contract'
import { attributeTypeOf, isTakenAs, mayReadAsDate, readsAsDate } from '../../src/index.ts'
import type { AttributeType } from '../../src/index.ts'

function typeOf(value: Json): AttributeType | null {
  const text = canonicalText(value)
  const type = attributeTypeOf(text.charCodeAt(0), text.charCodeAt(1))
  if (type !== 'string') return type
  return mayReadAsDate(text.charCodeAt(1), Buffer.byteLength(text) - 2) &&
    readsAsDate(String(value))
    ? 'time'
    : 'string'
}

describe('the type of an attribute', () => {
  it.each<[Json, AttributeType | null]>([
    [true, 'boolean'],
    [false, 'boolean'],
    [0, 'number'],
    [-1.5, 'number'],
    ['', 'string'],
    ['gold', 'string'],
    ['2026-01-05', 'time'],
    ['2026-01-05T10:00:00.000Z', 'time'],
    ['2026-01-05 10:00:00', 'time'],
    ['10-12-2025', 'time'],
    ['12/1/2021', 'time'],
    ['Mon 01 05 10:00:00.Z 2026', 'time'],
    ['Mon 1 5 10:00:00.Z 2026', 'time'],
    ['1/1/2026', 'time'],
    ['2026-01-05T10:00:00\u3000\u3000\u3000\u3000\u3000\u3000\u3000\u3000Z', 'time'],
    ['Monday', 'string'],
    ['12/1', 'string'],
    ['13-40-2025', 'string'],
    ['2026', 'string'],
    [[], null],
    [null, null],
    [['a'], 'array'],
    [[{ sku: 1 }], 'objects'],
    [{ a: 1 }, 'object'],
    [{}, 'object'],
  ])('of %j is %s', (value, type) => {
    expect(typeOf(value)).toBe(type)
  })

  it.each<[AttributeType, Json, boolean]>([
    ['number', '12', true],
    ['number', ' -1.5e3 ', true],
    ['number', 'twelve', false],
    ['number', true, false],
    ['number', '2026-01-05', false],
    ['string', 12, true],
    ['string', '2026-01-05', true],
    ['string', true, false],
    ['string', ['a'], false],
    ['boolean', 1, true],
    ['boolean', 'F', true],
    ['boolean', 2, false],
    ['boolean', 'yes', false],
    ['time', '12/1', false],
    ['time', 1767225600, false],
    ['array', [{ sku: 1 }], false],
    ['object', 'gold', false],
  ])('%s takes %j: %s', (type, value, isTaken) => {
    expect(isTakenAs(type, { type: typeOf(value)!, text: canonicalText(value) })).toBe(isTaken)
  })
})
