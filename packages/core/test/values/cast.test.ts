import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { isSameJson } from '@engage-sync/contract'
import type { Json } from '@engage-sync/contract'
import { castTo } from '../../src/values/cast.ts'
import { VALUE_TYPES } from '../../src/values/value-type.ts'
import type { ValueType } from '../../src/values/value-type.ts'

describe('castTo', () => {
  it.each<[ValueType, Json, Json]>([
    ['string', 'x', 'x'],
    ['string', '', ''],
    ['string', 7.1, '7.1'],
    ['string', true, 'true'],
    ['number', 7, 7],
    ['number', '7', 7],
    ['number', ' 7 ', 7],
    ['number', '-1.50', -1.5],
    ['number', '1e3', 1000],
    ['number', '0.30000000000000004', 0.30000000000000004],
    ['number', '-0', 0],
    ['integer', '7.0', 7],
    ['integer', -3, -3],
    ['boolean', true, true],
    ['boolean', 'False', false],
    ['boolean', 'T', true],
    ['boolean', 0, false],
    ['boolean', '1', true],
    ['time', 1767607200, '2026-01-05T10:00:00.000Z'],
    ['time', 1767607200.5, '2026-01-05T10:00:00.500Z'],
    ['time', '1767607200', '2026-01-05T10:00:00.000Z'],
    ['time', '2026-01-05', '2026-01-05T00:00:00.000Z'],
    ['time', '2026-01-05 10:00:01', '2026-01-05T10:00:01.000Z'],
    ['time', '2026-01-05T10:00:00.123456789Z', '2026-01-05T10:00:00.123Z'],
    ['time', '2026-01-05T12:00:00+02:00', '2026-01-05T10:00:00.000Z'],
    ['time', '2026-01-05T04:30:00-0530', '2026-01-05T10:00:00.000Z'],
    ['time', 1767607200000, '2026-01-05T10:00:00.000Z'],
    ['time', '1767607200000', '2026-01-05T10:00:00.000Z'],
    ['time', -500000000000, '1954-02-26T23:06:40.000Z'],
    ['time', 99999999, '1973-03-03T09:46:39.000Z'],
    ['array', [1, 'a'], [1, 'a']],
    ['array', ' ["a", 1] ', ['a', 1]],
    ['object', '{"city":"Oslo","zip":"0150"}', { city: 'Oslo', zip: '0150' }],
    ['object', { a: 1 }, { a: 1 }],
  ])('to %s: %j is %j', (type, value, result) => {
    expect(castTo(type)(value)).toEqual({ ok: true, value: result })
  })

  it.each<[ValueType, Json, string]>([
    ['array', '["a",9007199254740993]', '`1`'],
    ['object', '{"a":{"b":[9007199254740993]}}', '`a.b.0`'],
  ])('to %s: %j is rejected for its digits, at %s', (type, value, place) => {
    const result = castTo(type)(value)

    expect(result).toMatchObject({ ok: false, rejection: { code: 'CAST_NUMBER' } })
    expect(result.ok ? '' : result.rejection.message).toContain(place)
  })

  it.each<[ValueType, Json]>([
    ['string', ['a']],
    ['string', {}],
    ['number', ''],
    ['number', 'seven'],
    ['number', '007'],
    ['number', '0x10'],
    ['number', '9007199254740993'],
    ['number', '1e999'],
    ['number', true],
    ['array', '{"a":1}'],
    ['array', '[1'],
    ['array', 'a'],
    ['object', '[1]'],
    ['object', ''],
    ['integer', 7.5],
    ['integer', '7.5'],
    ['integer', 2 ** 53],
    ['boolean', 'yes'],
    ['boolean', 2],
    ['boolean', ''],
    ['time', '2026-02-30'],
    ['time', '05/01/2026'],
    ['time', '2026-01-05T25:00:00Z'],
    ['time', 1767607200000000],
    ['time', ''],
    ['time', true],
    ['array', 'a'],
    ['array', {}],
    ['object', []],
    ['object', '{'],
  ])('to %s: %j is rejected, without its value in the message', (type, value) => {
    const result = castTo(type)(value)

    expect(result).toMatchObject({ ok: false, rejection: { code: `CAST_${type.toUpperCase()}` } })
    if (!result.ok && typeof value === 'string' && value.length > 2)
      expect(result.rejection.message).not.toContain(value)
  })

  it.each(VALUE_TYPES)('to %s passes null', (type) => {
    expect(castTo(type)(null)).toEqual({ ok: true, value: null })
  })

  it('casts what is cast already to itself', () => {
    const value = fc.oneof(
      fc.jsonValue(),
      fc.double().map(String),
      fc.integer().map(String),
      fc.date({ noInvalidDate: true }).map((date) => date.toISOString()),
      fc.integer({ min: 0, max: 4e9 }),
      fc.constantFrom('true', 'F', '1', '2026-01-05', ' 7 '),
    ) as fc.Arbitrary<Json>
    fc.assert(
      fc.property(fc.constantFrom(...VALUE_TYPES), value, (type, input) => {
        const once = castTo(type)(input)
        if (!once.ok) return
        const twice = castTo(type)(once.value)
        expect(twice.ok && isSameJson(twice.value, once.value)).toBe(true)
      }),
      { numRuns: 500 },
    )
  })

  it('loses no digit of a number in text', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: -(10n ** 22n), max: 10n ** 22n }), (integer) => {
        const result = castTo('number')(String(integer))
        if (result.ok) expect(BigInt(result.value as number)).toBe(integer)
        else
          expect(
            BigInt(Number(integer)) === integer && String(Number(integer)) === String(integer),
          ).toBe(false)
      }),
      { numRuns: 300 },
    )
  })
})
