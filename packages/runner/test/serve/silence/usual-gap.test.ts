import { expect, it } from 'vitest'
import { UsualGap } from '../../../src/serve/silence/usual-gap.ts'

const MINUTE = 60_000
const HOUR = 60 * MINUTE

const byDayAndNight = (hour: number) => (hour % 24 < 16 ? 1 : 30)

/** Hours of a source, minute by minute: by day something comes each minute, by night each half hour. */
function learnt(hours: number, everyMinutes: (hour: number) => number = byDayAndNight) {
  const gap = new UsualGap([], { nowMs: 0, records: 0 })
  let records = 0
  let lastMs = 0
  for (let minute = 1; minute <= hours * 60; minute++) {
    const nowMs = minute * MINUTE
    gap.look(nowMs - lastMs, records, nowMs)
    if (minute % everyMinutes(Math.floor((minute - 1) / 60)) === 0) {
      records++
      lastMs = nowMs
    }
  }
  return gap
}

it('knows nothing before a day is over, or where hardly anything comes', () => {
  expect(learnt(23).limitMs).toBeNull()
  expect(learnt(24).limitMs).not.toBeNull()
  expect(learnt(48, () => 60).limitMs).toBeNull()
})

it('takes ten times the usual gap for silence, that of nights among them', () => {
  expect(learnt(24 * 7).limitMs).toBe(10 * 30 * MINUTE)
})

it('never takes less than five minutes for silence', () => {
  const busy = new UsualGap(
    Array.from({ length: 24 }, () => ({ longestMs: 200, records: 9000 })),
    { nowMs: 0, records: 0 },
  )

  expect(busy.limitMs).toBe(5 * MINUTE)
})

it('learns no trouble for usual, and forgets what is older than a week', () => {
  const gap = learnt(24 * 7, () => 1)
  const before = gap.limitMs
  for (let hour = 1; hour <= 10; hour++) gap.look(hour * HOUR, 100_000, (24 * 7 + hour) * HOUR)
  expect(gap.limitMs).toBe(before)
  expect(gap.hours).toHaveLength(24 * 7)

  for (let hour = 11; hour <= 40; hour++) gap.look(hour * HOUR, 100_000, (24 * 7 + hour) * HOUR)
  expect(gap.limitMs).toBeGreaterThan(HOUR)
})
