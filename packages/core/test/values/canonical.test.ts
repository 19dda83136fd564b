import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { canonicalText, isSameJson } from '@engage-sync/contract'
import type { Json } from '@engage-sync/contract'
import { fingerprintOf } from '../../src/values/fingerprint.ts'

const json = fc.jsonValue() as fc.Arbitrary<Json>

function shuffled(value: Json): Json {
  if (Array.isArray(value)) return value.map(shuffled)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value)
      .toReversed()
      .map(([key, member]) => [key, shuffled(member)]),
  )
}

describe('canonicalText', () => {
  it.each<[Json, string]>([
    [{ b: 1, a: [{ d: null, c: 'x' }] }, '{"a":[{"c":"x","d":null}],"b":1}'],
    [-0, '0'],
    [1e21, '1e+21'],
    ['é\u2028"', '"é\u2028\\""'],
    [{ B: 1, a: 2, _: 3 }, '{"B":1,"_":3,"a":2}'],
    [JSON.parse('{"__proto__":1,"a":2}'), '{"__proto__":1,"a":2}'],
  ])('of %j is %s', (value, text) => {
    expect(canonicalText(value)).toBe(text)
  })

  it('is equal exactly for deeply equal values', () => {
    fc.assert(
      fc.property(json, json, (left, right) => {
        let isEqual = true
        try {
          expect(JSON.parse(JSON.stringify(left))).toStrictEqual(JSON.parse(JSON.stringify(right)))
        } catch {
          isEqual = false
        }
        expect(canonicalText(left) === canonicalText(right)).toBe(isEqual)
        expect(isSameJson(left, right)).toBe(isEqual)
      }),
      { numRuns: 300 },
    )
  })

  it('does not depend on the order of members, and reads back to an equal value', () => {
    fc.assert(
      fc.property(json, (value) => {
        const text = canonicalText(value)

        expect(canonicalText(shuffled(value))).toBe(text)
        expect(canonicalText(JSON.parse(text) as Json)).toBe(text)
      }),
      { numRuns: 300 },
    )
  })
})

describe('fingerprintOf', () => {
  it('is stable across versions', () => {
    expect(fingerprintOf({ b: 1, a: ['x'] })).toBe(fingerprintOf({ a: ['x'], b: 1 }))
    expect(fingerprintOf({ a: ['x'], b: 1 })).toBe('1b346ad068280a48bf8c770f7a79c173')
  })

  it('differs for different meanings', () => {
    fc.assert(
      fc.property(json, json, (left, right) => {
        expect(fingerprintOf(left) === fingerprintOf(right)).toBe(isSameJson(left, right))
      }),
      { numRuns: 200 },
    )
  })
})
