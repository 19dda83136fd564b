import fc from 'fast-check'
import { expect, it } from 'vitest'
import { lineStartsOf, positionOf } from '../../../src/config/document/line-starts.ts'

it('finds the line and column of every offset, the end included', () => {
  fc.assert(
    fc.property(fc.string({ unit: fc.constantFrom('a', '\n', '\r', 'é') }), (text) => {
      const starts = lineStartsOf(text)
      for (let offset = 0; offset <= text.length; offset += 1) {
        const before = text.slice(0, offset).split('\n')
        expect(positionOf(starts, offset)).toEqual({
          line: before.length,
          column: before.at(-1)!.length + 1,
        })
      }
    }),
  )
})
