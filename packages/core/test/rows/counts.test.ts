import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { dayOf, EXTERNAL_ID, Layout, Partition, userKey } from '../../src/index.ts'

const DAY = 86_400_000
const NOW = Date.parse('2026-03-01T12:00:00Z')
const layout = new Layout([
  { number: 0, id: 'all', kind: 'count' },
  { number: 1, id: 'lately', kind: 'days' },
])

function oneRow(): Partition {
  const partition = new Partition(0, layout)
  partition.findOrAdd(userKey(EXTERNAL_ID, 'u'))
  return partition
}

describe('counts of events', () => {
  it('are of all there were, and of those in a window of whole days and today', () => {
    const times = fc.array(fc.integer({ min: NOW - 60 * DAY, max: NOW }), { maxLength: 60 })
    fc.assert(
      fc.property(times, fc.integer({ min: 0, max: 30 }), (made, days) => {
        const { counts } = oneRow()
        for (const time of made) {
          counts.count(0, { column: 0, daily: false }, time)
          counts.count(0, { column: 1, daily: true }, time)
        }

        expect(counts.total(0, 0)).toBe(made.length)
        expect(counts.lately(0, 1, { days, nowMs: NOW })).toBe(
          made.filter((time) => dayOf(time) >= dayOf(NOW) - days).length,
        )
        expect(counts.hasDays(0, 1)).toBe(made.length > 0)
      }),
    )
  })

  it('grow by those of another row', () => {
    const { counts } = oneRow()
    counts.count(0, { column: 0, daily: false }, NOW)
    counts.add(0, 0, 41)

    expect([counts.total(0, 0), counts.hasDays(0, 1)]).toEqual([42, false])
  })
})
