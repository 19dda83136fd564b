import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseSource, placeOfExact, readExact, sourceText, writeSource } from '../src/exact.ts'

describe('parseSource', () => {
  it.each([
    ['9007199254740991', 9007199254740991],
    ['9007199254740992', 9007199254740992],
    ['9007199254740993', 9007199254740993n],
    ['-9007199254740993', -9007199254740993n],
    ['12345678901234567890', 12345678901234567890n],
    ['12345678901234567000', 12345678901234567000],
    ['1000000000000000000000', 1000000000000000000000n],
    ['0.1234567890123456789', 0.12345678901234568],
    ['1e21', 1e21],
    ['"9007199254740993"', '9007199254740993'],
  ])('reads %s without losing digits', (text, value) => {
    expect(parseSource(text)).toBe(value)
  })

  it('reads everything else as JSON.parse does', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const text = JSON.stringify(value)

        expect(parseSource(text)).toEqual(JSON.parse(text))
        expect(sourceText(parseSource(text))).not.toMatch(/^\+/u)
      }),
    )
  })

  it('is undone by writeSource, whatever the digits', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: -(10n ** 30n), max: 10n ** 30n }), (digits) => {
        const text = `{"b":[${digits}],"a":{"x":${digits}}}`

        expect(writeSource(parseSource(text))).toBe(text)
      }),
    )
  })
})

describe('a number that no double reaches', () => {
  it.each(['1e400', '-1.5E+999', '[{"a":1e400}]'])('is none that is kept: %s', (text) => {
    expect(placeOfExact(parseSource(text))).not.toBeNull()
    expect(sourceText(parseSource(text))).not.toContain('null')
  })

  it.each(['1e-400', '1e308', '1e3'])('is not %s', (text) => {
    expect(parseSource(text)).toBe(Number(text))
  })
})

describe('sourceText', () => {
  it('marks a value whose digits a double would lose, and gives them all', () => {
    expect(sourceText(parseSource('{"b":1,"a":[9007199254740993]}'))).toBe(
      '+{"a":[9007199254740993],"b":1}',
    )
    expect(sourceText(parseSource('9007199254740993'))).toBe('+9007199254740993')
  })

  it('is read back with the digits as text, and where they stand', () => {
    expect(readExact('+{"a":[1,{"id":9007199254740993}]}')).toEqual({
      json: { a: [1, { id: '9007199254740993' }] },
      place: ['a', '1', 'id'],
    })
    expect(readExact('+9007199254740993')).toEqual({ json: '9007199254740993', place: [] })
  })
})

describe('placeOfExact', () => {
  it('is null where every number is a double', () => {
    expect(placeOfExact({ a: [1, 2.5, null, 'x'] })).toBeNull()
  })
})
