import { expect, it } from 'vitest'
import { closest, hintFor } from '../src/suggest.ts'

it.each([
  ['atribute', ['attribute', 'event'], 'attribute'],
  ['onExit', ['on_exit', 'on_null'], 'on_exit'],
  ['on-exit', ['on_exit'], 'on_exit'],
  ['Dormant Shopper', ['dormant_shopper'], 'dormant_shopper'],
  ['ltv', ['lifetime_value', 'item'], null],
  ['ab', ['xy'], null],
  ['', [], null],
])('the word %j most likely means %s', (word, candidates, expected) => {
  expect(closest(word, candidates as readonly string[])).toBe(expected)
})

it('lists what there is when nothing is near, unless that is a lot', () => {
  expect(hintFor('engagee', ['engage', 'people'])).toBe('Did you mean "engage"?')
  expect(hintFor('x', ['engage', 'people'])).toBe('Known: engage, people.')
  expect(hintFor('x', [])).toBeUndefined()
  expect(
    hintFor(
      'x',
      Array.from({ length: 21 }, (_, index) => `source${index}`),
    ),
  ).toBeUndefined()
})
