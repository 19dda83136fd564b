import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { AnswerTimes } from '../../../../src/engine/stream/waiting/answer-times.ts'

function after(windows: readonly number[]): AnswerTimes {
  const times = new AnswerTimes()
  for (const ms of windows) times.inTime(ms)
  return times
}

const repeated = (...ms: readonly number[]) => Array.from({ length: 50 }, () => ms).flat()

describe('an answer', () => {
  it('is late after a second before anything is known', () => {
    expect(new AnswerTimes().lateMs).toBe(1000)
  })

  it('is late after twice as long as usual, where all take as long', () => {
    expect(after(repeated(200)).lateMs).toBeCloseTo(400)
    expect(after(repeated(5)).lateMs).toBe(100)
  })

  it('is later the more they differ', () => {
    const even = after(repeated(100)).lateMs
    const uneven = after(repeated(40, 160)).lateMs

    expect(uneven).toBeGreaterThan(even + 100)
    expect(uneven).toBeGreaterThan(160)
  })

  it('is not late for long where all become slow', () => {
    const times = after(repeated(50))
    let windows = 0
    for (; times.lateMs < 500; windows++) times.late()

    expect(windows).toBeLessThan(10)
  })

  it('is never late before 100 ms, nor after a second', () => {
    const time = fc.double({ min: 0, max: 1e6, noNaN: true })
    fc.assert(
      fc.property(fc.array(fc.option(time)), (windows) => {
        const times = new AnswerTimes()
        for (const ms of windows) {
          if (ms === null) times.late()
          else times.inTime(ms)
          expect(times.lateMs).toBeGreaterThanOrEqual(100)
          expect(times.lateMs).toBeLessThanOrEqual(1000)
        }
      }),
    )
  })
})
