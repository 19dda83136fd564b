import { describe, expect, it } from 'vitest'
import { Arena } from '../../../src/rows/pending/arena.ts'
import { PendingPool } from '../../../src/rows/pending/pending-pool.ts'

const encoder = new TextEncoder()

describe('texts in the arena', () => {
  it('stay what they were while it grows', () => {
    const arena = new Arena()
    const texts = Array.from({ length: 2000 }, (_, index) => `"value ${index * 7919}"`)

    const places = texts.map((text) =>
      arena.add(encoder.encode(text), 0, encoder.encode(text).length),
    )

    expect(places.map((at, index) => arena.text(at, texts[index].length))).toEqual(texts)
  })

  it('can be copied from the arena itself, also when that makes it grow', () => {
    const arena = new Arena()
    const first = encoder.encode('x'.repeat(1000))
    const at = arena.add(first, 0, first.length)

    for (let copy = 0; copy < 20; copy++) {
      const copied = arena.add(arena.bytes, at, at + first.length)
      expect(arena.text(copied, first.length)).toBe('x'.repeat(1000))
    }
  })
})

describe('pending entries', () => {
  it('are found by row and column, however many there are', () => {
    const pool = new PendingPool()
    const rows = 3000
    for (let row = 0; row < rows; row++) {
      for (const column of [3, 5]) pool.add(row, column, { low: row, high: column, time: row * 2 })
    }

    for (let row = 0; row < rows; row++) {
      const entry = pool.find(row, 5)
      expect(pool.before(entry)).toEqual({ low: row, high: 5, time: row * 2 })
      expect(pool.find(row, 4)).toBe(-1)
    }
    expect(pool.find(rows * 10, 3)).toBe(-1)
  })
})
