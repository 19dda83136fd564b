import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  digestOf,
  EXTERNAL_ID,
  isRowNewer,
  Layout,
  NOTHING,
  Partition,
  userKey,
} from '../../src/index.ts'
import type { Held } from '../../src/index.ts'

const layout = new Layout(
  (['slot', 'bits', 'slot', 'days', 'slot'] as const).map((kind, number) => ({
    number,
    id: `c${number}`,
    kind,
  })),
)
const SLOTS = [0, 2, 4]
const word = fc.integer({ min: 0, max: 2 ** 32 - 1 })
const writes = fc.array(
  fc.record({
    row: fc.nat({ max: 99 }),
    column: fc.constantFrom(...SLOTS),
    held: fc.record({ low: word, high: word, time: fc.double({ min: 0, max: 4e12, noNaN: true }) }),
  }),
  { maxLength: 60 },
)

function addUsers(partition: Partition, count: number): void {
  while (partition.rows < count) partition.findOrAdd(userKey(EXTERNAL_ID, `u${partition.rows}`))
}

describe('slots', () => {
  it('hold what was written last, each its own, however many rows are added meanwhile', () => {
    fc.assert(
      fc.property(writes, (made) => {
        const partition = new Partition(0, layout)
        const expected = new Map<string, Held>()
        for (const { row, column, held } of made) {
          addUsers(partition, row + 1)
          partition.slots.write(row, column, held)
          expected.set(`${row} ${column}`, held)
        }
        addUsers(partition, 500)

        const places = Array.from({ length: 100 }, (_, row) =>
          SLOTS.map((column) => [row, column] as const),
        ).flat()
        const { slots } = partition
        const told = places.map(([row, column]) => {
          const { low, high } = slots.digest(row, column)
          const held = { low, high, time: slots.time(row, column) }
          return {
            held,
            isSame: slots.holds(row, column, held),
            isOther: slots.holds(row, column, { low: low ^ 1, high }),
          }
        })

        const wanted = places.map(
          (place) => expected.get(place.join(' ')) ?? { ...NOTHING, time: 0 },
        )
        expect(told).toEqual(wanted.map((held) => ({ held, isSame: true, isOther: false })))
        expect(places.map(([row, column]) => slots.held(row, column))).toEqual(wanted)
        expect(places.map(([row, column]) => slots.isEmpty(row, column))).toEqual(
          wanted.map(({ low, high }) => low === 0 && high === 0),
        )
        expect(
          places
            .flatMap(([row]) => [...partition.contents(row, 1), ...partition.contents(row, 3)])
            .every((one) => one === 0),
        ).toBe(true)
      }),
      { numRuns: 30 },
    )
  })

  it('that are set back take the value they hold once more, and nothing older', () => {
    const partition = new Partition(0, layout)
    addUsers(partition, 1)
    const time = Date.parse('2026-03-01T12:00:00.001Z')
    partition.slots.write(0, 2, { ...digestOf('1'), time })

    partition.slots.setBack(0, 2)
    partition.slots.setBack(0, 4)

    expect(partition.slots.time(0, 2)).toBeLessThan(time)
    expect(partition.slots.time(0, 2)).toBeGreaterThan(time - 1)
    expect(partition.slots.held(0, 4)).toEqual({ ...NOTHING, time: 0 })
  })

  it('tell whether anything of a row is newer than an instant', () => {
    const partition = new Partition(0, layout)
    addUsers(partition, 2)
    partition.slots.renew(0, 4, 7)

    expect([6, 7].map((time) => isRowNewer(partition, 0, time))).toEqual([true, false])
    expect(isRowNewer(partition, 1, 0)).toBe(false)
  })
})

describe('the head of a row', () => {
  it('keeps its flags apart, and from other rows', () => {
    const partition = new Partition(0, layout)
    addUsers(partition, 3)
    partition.flags.create(0)
    partition.flags.merge(0)
    partition.flags.create(1)

    const told = [0, 1, 2].map((row) => [
      partition.flags.isCreated(row),
      partition.flags.isMerged(row),
      partition.flags.isForgotten(row),
    ])

    expect(told).toEqual([
      [true, true, false],
      [true, false, false],
      [false, false, false],
    ])
  })

  it('outlives its columns when they are emptied', () => {
    const partition = new Partition(0, layout)
    addUsers(partition, 1)
    partition.flags.create(0)
    partition.slots.write(0, 2, { ...digestOf('1'), time: 3 })
    partition.storedTexts.set(0, 2, '1')

    partition.clearColumns(0)

    expect(layout.columns.every(({ number }) => partition.isBlank(0, number))).toBe(true)
    expect([
      partition.flags.isCreated(0),
      partition.storedTexts.get(0, 2),
      partition.idText(0),
    ]).toEqual([true, undefined, 'u0'])
  })
})
