import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { RowNotes } from '../../../src/index.ts'

const ROWS = 400
const rows = fc.array(fc.nat({ max: ROWS - 1 }), { maxLength: 30 })

function noted(notes: RowNotes): readonly number[] {
  const found: number[] = []
  for (let row = notes.next(0); row >= 0; row = notes.next(row + 1)) found.push(row)
  return found
}

describe('notes of rows', () => {
  it('give the rows anything is noted of, in order, whatever was noted and however far they grew', () => {
    const note = fc.constantFrom<'touch' | 'dirty' | 'see'>('touch', 'dirty', 'see')
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.nat({ max: ROWS - 1 }), note), { maxLength: 30 }),
        fc.nat({ max: ROWS }),
        rows,
        (made, first, cleared) => {
          const notes = new RowNotes(first)
          notes.cover(ROWS)
          for (const [row, how] of made) notes[how](row)
          for (const row of cleared) notes.clear(row)

          const expected = new Set(made.map(([row]) => row).filter((row) => !cleared.includes(row)))
          expect(noted(notes)).toEqual([...expected].toSorted((a, b) => a - b))

          notes.clearAll()
          expect(noted(notes)).toEqual([])
          for (const [row, how] of made) notes[how](row)
          const again = new Set(made.map(([row]) => row))
          expect(noted(notes)).toEqual([...again].toSorted((a, b) => a - b))
        },
      ),
    )
  })

  it('begin from any row', () => {
    fc.assert(
      fc.property(rows, fc.nat({ max: ROWS }), (touched, from) => {
        const notes = new RowNotes(ROWS)
        for (const row of touched) notes.touch(row)

        const behind = touched.filter((row) => row >= from)
        expect(notes.next(from)).toBe(behind.length === 0 ? -1 : Math.min(...behind))
      }),
    )
  })

  it('tell one thing from another, and forget with a new read what the last one saw alone', () => {
    const notes = new RowNotes(4)
    notes.touch(0)
    notes.see(0)
    notes.dirty(1)
    notes.see(2)

    notes.startRead()

    const told = [0, 1, 2].map((row) => [
      notes.isTouched(row),
      notes.isDirty(row),
      notes.isSeenThisRead(row),
      notes.hasRefusal(row),
    ])
    expect(told).toEqual([
      [true, false, false, false],
      [false, true, false, false],
      [false, false, false, false],
    ])
    expect(noted(notes)).toEqual([0, 1])
  })
})
