import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { readTraitValue } from '../../src/profiles-sync/value.ts'

describe('readTraitValue', () => {
  it.each([
    ['true', true],
    ['false', false],
    ['12.5', 12.5],
    ['-3', -3],
    ['0', 0],
    ['["a","b"]', ['a', 'b']],
    ['{"a":1}', { a: 1 }],
    ['"quoted"', 'quoted'],
    ['007', '007'],
    ['1.10', '1.10'],
    ['1e5', '1e5'],
    ['-0', '-0'],
    ['12345678901234567890', '12345678901234567890'],
    ['NaN', 'NaN'],
    ['Infinity', 'Infinity'],
    ['', ''],
    ['null', 'null'],
    ['[broken', '[broken'],
    ['Oslo', 'Oslo'],
  ])('reads %s', (text, value) => {
    expect(readTraitValue(text)).toEqual(value)
  })

  it('lets the absent be null, and JSON columns pass', () => {
    expect([null, undefined, 7, true, ['a']].map(readTraitValue)).toEqual([
      null,
      null,
      7,
      true,
      ['a'],
    ])
  })

  it('loses no digit of a text it takes for a number', () => {
    fc.assert(
      fc.property(fc.stringMatching(/^-?\d{1,20}(\.\d{1,10})?$/u), (text) => {
        const value = readTraitValue(text)
        expect(String(value)).toBe(text)
      }),
      { numRuns: 300 },
    )
  })
})
