import { expect, it } from 'vitest'
import { createRandom } from '../../src/engine/random.ts'

it('gives the same numbers for the same seed, others for another, all within 0 and 1 and spread', () => {
  const draw = (seed: number) => Array.from({ length: 1000 }, createRandom(seed))
  const numbers = draw(1)
  const mean = numbers.reduce((sum, number) => sum + number) / numbers.length

  expect(draw(1)).toEqual(numbers)
  expect(draw(2)).not.toEqual(numbers)
  expect(numbers.every((number) => number >= 0 && number < 1)).toBe(true)
  expect(mean).toBeCloseTo(0.5, 1)
})
