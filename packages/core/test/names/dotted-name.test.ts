import fc from 'fast-check'
import { expect, it } from 'vitest'
import { joinDottedName, splitDottedName } from '../../src/names/dotted-name.ts'

it.each([
  ['a', 'a', []],
  ['a.b.c', 'a', ['b', 'c']],
  ['a\\.b', 'a.b', []],
  ['a\\.b.c', 'a.b', ['c']],
  ['a\\\\.b', 'a\\', ['b']],
  ['a\\b', 'a\\b', []],
  ['a..b', 'a', ['', 'b']],
])('splits %j', (text, name, path) => {
  expect(splitDottedName(text)).toEqual({ name, path })
})

it('splits what it joins', () => {
  const part = fc.string({ unit: fc.constantFrom('a', '.', '\\', ' '), maxLength: 4 })
  fc.assert(
    fc.property(part, fc.array(part, { maxLength: 3 }), (name, path) => {
      expect(splitDottedName(joinDottedName({ name, path }))).toEqual({ name, path })
    }),
    { numRuns: 200 },
  )
})
