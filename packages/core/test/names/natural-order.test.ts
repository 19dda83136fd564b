import fc from 'fast-check'
import { expect, it } from 'vitest'
import { inNaturalOrder, loadConfig } from '../../src/index.ts'

it('counts in names', () => {
  const names = ['team-10', 'team-2', 'Team-2', 'team-1', 'team']

  expect(names.toSorted(inNaturalOrder)).toEqual(['team', 'team-1', 'team-2', 'Team-2', 'team-10'])
})

it('is the collation of English, with and without the rules of Intl', () => {
  const english = new Intl.Collator('en', { numeric: true })
  const plain = fc.string({ unit: fc.constantFrom(...' _-:./0129azAZbéö'), maxLength: 8 })

  fc.assert(
    fc.property(plain, plain, (a, b) => {
      const expected = english.compare(a, b) || (a < b ? -1 : Number(a > b))

      expect(Math.sign(inNaturalOrder(a, b))).toBe(Math.sign(expected))
    }),
    { numRuns: 2000 },
  )
})

it('tells names apart that differ in a character without weight', () => {
  expect(inNaturalOrder('a\u0000', 'a')).toBe(1)
  expect(inNaturalOrder('a', 'a\u0000')).toBe(-1)
  expect(inNaturalOrder('a', 'a')).toBe(0)
})

it('is the order of a configuration’s syncs', () => {
  const text = 'version: 1\nsource: engage\nidentity: { external_id: userId }\ntraits: { a: a }\n'
  const files = ['configs/team-10.yaml', 'configs/team-2.yaml'].map((path) => ({ path, text }))

  expect(loadConfig(files).syncs.map(({ name }) => name)).toEqual(['team-2', 'team-10'])
})
