import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { RowTimes } from '../../../src/engine/stream/session/row-times.ts'

const ROWS = 700
const row = fc.nat({ max: ROWS - 1 })
const time = fc.oneof(fc.nat({ max: 50 }), fc.constant(Infinity))

describe('times of rows', () => {
  it('give the rows that are due, each once, and a bound that none is due before', () => {
    fc.assert(
      fc.property(
        fc.array(time, { maxLength: 600 }),
        fc.array(fc.oneof(fc.tuple(row, time), fc.nat({ max: 50 })), { maxLength: 40 }),
        (first, steps) => {
          const times = new RowTimes(Float64Array.from(first))
          const expected = new Map(first.entries())
          for (const step of steps) {
            if (typeof step !== 'number') {
              times.set(...step)
              expected.set(...step)
              continue
            }
            const due = [...expected].filter(([, at]) => at <= step).map(([one]) => one)
            expect(times.takeDue(step)).toEqual(due.toSorted((a, b) => a - b))
            for (const one of due) expected.set(one, Infinity)
          }
          const least = Math.min(...expected.values(), Infinity)
          expect(times.least).toBeLessThanOrEqual(least)
          times.takeDue(50)
          expect(times.least).toBe(Infinity)
        },
      ),
    )
  })
})
