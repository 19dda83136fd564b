import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { attributesText } from '../../src/braze/attributes-text.ts'
import { isEmptyDifference } from '../../src/braze/differences.ts'
import { attributePlace } from '../../src/braze/attribute.ts'
import type { AttributeChange, AttributeWrite, BrazeAttribute } from '../../src/braze/attribute.ts'

/** A change of an attribute, as far as its text goes. */
function change(
  name: string,
  value: unknown,
  more: { path?: string[]; write?: AttributeWrite; last?: unknown } = {},
): AttributeChange<BrazeAttribute> {
  const { path = [], write = by('replace'), last } = more
  return {
    target: { ...attributePlace(name, { path, standard: false }), ...write },
    text: JSON.stringify(value),
    storedText: last === undefined ? undefined : JSON.stringify(last),
  }
}

function by(mode: 'replace' | 'merge-object' | 'array-update'): AttributeWrite {
  return { mode, element: null, idField: null }
}

const bySku: AttributeWrite = { mode: 'objects-by-id', element: null, idField: 'sku' }

const objectOf = (changes: readonly AttributeChange[]) =>
  JSON.parse(`{${attributesText(changes).members}}`) as Record<string, unknown>

/** Writes objects until nothing waits, as rounds do. */
function objectsOf(changes: readonly AttributeChange[]): readonly Record<string, unknown>[] {
  const objects: Record<string, unknown>[] = []
  for (let left = changes; left.length > 0;) {
    const { written } = attributesText(left)
    objects.push(objectOf(left))
    left = left.filter(({ target }) => !written.includes(target))
  }
  return objects
}

describe("a user's attributes over 100 KB", () => {
  it('travel in several objects, each attribute whole', () => {
    const large = { k: 'x'.repeat(60_000) }

    const objects = objectsOf([change('a', large), change('b', large), change('tier', 'gold')])

    expect(objects).toEqual([{ a: large }, { b: large, tier: 'gold' }])
  })

  it('lose and repeat nothing, and only one alone may make an object larger', () => {
    const sizes = fc.array(fc.integer({ min: 0, max: 60_000 }), { minLength: 1, maxLength: 12 })
    fc.assert(
      fc.property(sizes, fc.constantFrom('x', '漢'), (each, letter) => {
        const values = Object.fromEntries(
          each.map((size, index) => [`a${index}`, letter.repeat(size)]),
        )

        const objects = objectsOf(
          Object.entries(values).map(([name, value]) => change(name, value)),
        )

        expect(Object.assign({}, ...objects)).toEqual(values)
        expect(objects.flatMap(Object.keys)).toEqual(Object.keys(values))
        for (const object of objects) {
          if (Object.keys(object).length > 1)
            expect(Buffer.byteLength(JSON.stringify(object))).toBeLessThan(102_400 + 2)
        }
      }),
    )
  })
})

describe('a null on a path', () => {
  it('travels in an object of its own where another path of its root is set', () => {
    const objects = objectsOf([
      change('prefs', 'L', { path: ['size'] }),
      change('prefs', null, { path: ['color'] }),
      change('other', null, { path: ['a'] }),
      change('ltv', 7),
    ])

    expect(objects).toEqual([
      { ltv: 7, prefs: { size: 'L' }, other: { a: null }, _merge_objects: true },
      { prefs: { color: null }, _merge_objects: true },
    ])
  })
})

describe('isEmptyDifference', () => {
  const items = [
    { sku: 1, n: 1 },
    { sku: 2, n: 2 },
  ]

  it.each([
    [
      'a list in another order',
      change('tags', ['b', 'a'], { write: by('array-update'), last: ['a', 'b'] }),
      true,
    ],
    [
      'a list with one again',
      change('tags', ['a', 'a', 'b'], { write: by('array-update'), last: ['a', 'b'] }),
      true,
    ],
    [
      'a list with one more',
      change('tags', ['a', 'c'], { write: by('array-update'), last: ['a'] }),
      false,
    ],
    ['a list nobody knows', change('tags', ['a'], { write: by('array-update') }), false],
    ['an empty list nobody knows', change('tags', [], { write: by('array-update') }), false],
    [
      'items in another order',
      change('cart', items.toReversed(), { write: bySku, last: items }),
      true,
    ],
    [
      'an item that changed',
      change('cart', [{ sku: 1, n: 2 }, items[1]], { write: bySku, last: items }),
      false,
    ],
    ['an unset list', change('tags', null, { write: by('array-update'), last: ['a'] }), false],
    ['an empty object to merge', change('store', {}, { write: by('merge-object') }), true],
    ['an object to merge', change('store', { a: 1 }, { write: by('merge-object') }), false],
    ['an empty object that replaces', change('store', {}), false],
    ['an empty object on a path', change('store', {}, { path: ['a'] }), false],
  ])('%s: %j', (_, each, expected) => {
    expect(isEmptyDifference(each)).toBe(expected)
  })
})
