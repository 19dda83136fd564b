import fc from 'fast-check'
import { expect, it } from 'vitest'
import { HashIndex } from '../../../src/index.ts'

it('numbers hashes in order of arrival, and finds each again', () => {
  const half = fc.oneof(fc.integer({ min: 0, max: 3 }), fc.integer({ min: 0, max: 2 ** 32 - 1 }))
  fc.assert(
    fc.property(fc.array(fc.tuple(half, half), { maxLength: 400 }), (hashes) => {
      const index = new HashIndex()
      const known = new Map<string, number>()
      for (const [low, high] of hashes) {
        const key = `${low} ${high}`
        if (!known.has(key)) known.set(key, known.size)
        expect(index.findOrAdd(low, high)).toBe(known.get(key))
      }

      expect(index.count).toBe(known.size)
      for (const [low, high] of hashes)
        expect(index.find(low, high)).toBe(known.get(`${low} ${high}`))
      expect(index.find(9, 9)).toBe(known.get('9 9') ?? -1)
    }),
  )
})
