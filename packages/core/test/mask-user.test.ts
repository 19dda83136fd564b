import fc from 'fast-check'
import { expect, it } from 'vitest'
import { maskUser, wholeUser } from '../src/mask-user.ts'

it.each([
  ['shopper-1', 'sh…-1'],
  ['ada@shop.test', 'ad…st'],
  ['abcd', 'a…d'],
  ['abc', '…'],
  ['', '…'],
  ['store\u0000bob-the-builder', 'store:bo…er'],
  ['😀😁😂🤣😃😄😅😆', '😀😁…😅😆'],
])('masks %j as %s', (id, masked) => {
  expect(maskUser(id)).toBe(masked)
})

it('never shows more than half of an identifier', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), (id) => {
      const shown = [...maskUser(id.replaceAll('\u0000', ''))].length - 1
      expect(shown * 2).toBeLessThanOrEqual([...id].length)
    }),
  )
})

it('shows an alias whole with a colon', () => {
  expect(wholeUser('store\u0000bo')).toBe('store:bo')
})
