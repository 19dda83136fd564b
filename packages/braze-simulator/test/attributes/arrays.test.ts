import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { addValues, removeValues } from '../../src/attributes/arrays.ts'
import { allRules } from '../../src/options/rules.ts'
import { defaultSettings } from '../../src/options/settings.ts'

const settings = { ...defaultSettings(), arrayLimit: 5 }
const add = (old: readonly number[], added: readonly number[]) =>
  addValues(old, added, { settings, rules: allRules() })
const numbers = fc.array(fc.nat(8), { maxLength: 12 })

describe('addValues', () => {
  it('holds every value once, at most as many as fit, the latest added last', () => {
    fc.assert(
      fc.property(numbers, numbers, (first, second) => {
        const { value, isCut } = add(add([], first).value as number[], second)
        const wanted = new Set([...first, ...second]).size
        expect(new Set(value).size).toBe(value.length)
        expect(value.length).toBeLessThanOrEqual(5)
        expect(isCut || value.length === Math.min(5, wanted)).toBe(true)
        if (second.length > 0) expect(value.at(-1)).toBe(second.at(-1))
      }),
    )
  })

  it('tells types apart', () => {
    expect(addValues(['1'], [1, true, 'true'], { settings, rules: allRules() }).value).toEqual([
      '1',
      1,
      true,
      'true',
    ])
  })
})

describe('removeValues', () => {
  it('undoes an addition of new values', () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(fc.nat(8), { maxLength: 2 }),
        fc.uniqueArray(fc.integer({ min: 9, max: 20 }), { maxLength: 3 }),
        (old, added) => {
          expect(removeValues(add(old, added).value, added)).toEqual(old)
        },
      ),
    )
  })
})
