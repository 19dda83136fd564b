import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Cells } from '../../src/index.ts'

const COLUMNS = 3
const cell = fc.tuple(fc.nat({ max: 9 }), fc.nat({ max: COLUMNS - 1 }))

describe('cells', () => {
  it('are told apart by row and column, and forgotten by row or by a test', () => {
    fc.assert(
      fc.property(fc.array(cell), fc.array(cell), fc.nat({ max: 9 }), (set, deleted, cleared) => {
        const cells = new Cells<string>(COLUMNS)
        for (const [row, column] of set) cells.set(row, column, `${row} ${column}`)
        for (const [row, column] of deleted) cells.delete(row, column)
        cells.clearRow(cleared)
        const gone = cells.deleteWhere((row, column) => row + column === 4)

        const left = new Set(set.map(String))
        for (const each of deleted) left.delete(String(each))
        const isLeft = (row: number, column: number) =>
          left.has(String([row, column])) && row !== cleared
        for (let row = 0; row < 10; row++) {
          for (let column = 0; column < COLUMNS; column++) {
            const isGone = row + column === 4
            expect(cells.get(row, column)).toBe(
              isLeft(row, column) && !isGone ? `${row} ${column}` : undefined,
            )
            expect(cells.has(row, column)).toBe(isLeft(row, column) && !isGone)
            expect(gone.some((each) => String(each) === String([row, column]))).toBe(
              isLeft(row, column) && isGone,
            )
          }
        }
        expect(cells.size).toBe(
          [...left].filter((text) => isLeft(...(text.split(',').map(Number) as [number, number])))
            .length - gone.length,
        )
      }),
    )
  })
})
