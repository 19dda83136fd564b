import fc from 'fast-check'
import { expect, it } from 'vitest'
import { InFlightRows } from '../../../src/engine/delivery/in-flight-rows.ts'
import type { RowInFlight } from '../../../src/engine/delivery/row-in-flight.ts'

/** Stands for a row: only which one it is matters here. */
const rowOf = (number: number) => ({ row: number }) as RowInFlight

it('holds what a map by reference would, over more rows than share an array', () => {
  const step = fc.oneof(
    { weight: 8, arbitrary: fc.record({ add: fc.integer({ min: 1, max: 700 }) }) },
    { weight: 8, arbitrary: fc.record({ remove: fc.array(fc.nat(), { maxLength: 700 }) }) },
    { weight: 1, arbitrary: fc.constant({ take: true }) },
  )
  fc.assert(
    fc.property(fc.array(step, { maxLength: 30 }), (steps) => {
      const flights = new InFlightRows()
      const map = new Map<number, RowInFlight>()
      const given: number[] = []
      for (const each of steps) {
        if ('add' in each) {
          for (let count = 0; count < each.add; count++) {
            const row = rowOf(given.length)
            given.push(flights.add(row))
            expect(map.has(given.at(-1)!)).toBe(false)
            map.set(given.at(-1)!, row)
          }
        } else if ('remove' in each) {
          for (const pick of each.remove) {
            const ref = given[pick % given.length] ?? 0
            flights.delete(ref)
            map.delete(ref)
          }
        } else {
          expect(flights.takeAll()).toEqual([...map.values()])
          map.clear()
        }
        expect(given.map((ref) => flights.get(ref))).toEqual(given.map((ref) => map.get(ref)))
      }
      expect(new Set(given).size).toBe(given.length)
    }),
    { numRuns: 40 },
  )
})
