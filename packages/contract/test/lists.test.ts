import { describe, expect, it } from 'vitest'
import { entryOf, itemAt, lastOf, onlyOf, zip } from '../src/lists.ts'

describe('itemAt', () => {
  it('gives the element, also one that is undefined', () => {
    expect([itemAt(['a', 'b'], 1), itemAt([undefined], 0), itemAt(Int32Array.of(7), 0)]).toEqual([
      'b',
      undefined,
      7,
    ])
  })

  it.each([-1, 2, NaN, 0.5])('refuses a place that is none: %d', (index) => {
    expect(() => itemAt(['a', 'b'], index)).toThrow(RangeError)
  })

  it('names no value', () => {
    expect(() => itemAt(['jane@example.com'], 3)).toThrow(/^no element 3 in a list of 1$/)
  })
})

describe('zip', () => {
  it('pairs in order, and nothing of nothing', () => {
    expect(zip(['a', 'b'], [1, 2])).toEqual([
      ['a', 1],
      ['b', 2],
    ])
    expect(zip([], [])).toEqual([])
  })

  it.each([
    [['a'], []],
    [[], [1]],
  ])('refuses lists of which one is longer: %j and %j', (first, second) => {
    expect(() => zip<unknown, unknown>(first, second)).toThrow(RangeError)
  })
})

describe('onlyOf', () => {
  it('gives the one element, and null for none or several', () => {
    expect([onlyOf(['a']), onlyOf([]), onlyOf(['a', 'b'])]).toEqual(['a', null, null])
  })
})

describe('lastOf', () => {
  it('gives the last element, and refuses a list without one', () => {
    expect(lastOf(['a', 'b'])).toBe('b')
    expect(() => lastOf([])).toThrow(/^no element -1 in a list of 0$/)
  })
})

describe('entryOf', () => {
  it('gives the entry, also one that is undefined', () => {
    const map = new Map<string, number | undefined>([
      ['a', 1],
      ['b', undefined],
    ])

    expect([entryOf(map, 'a'), entryOf(map, 'b')]).toEqual([1, undefined])
  })

  it('refuses a key that is not there, and does not name it', () => {
    expect(() => entryOf(new Map([['a', 1]]), 'jane@example.com')).toThrow(/^no such key among 1$/)
  })
})
