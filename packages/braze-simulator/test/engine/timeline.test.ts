import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Timeline } from '../../src/engine/timeline.ts'

describe('a timeline', () => {
  it('counts by second, and leaves out what had nothing', () => {
    const timeline = new Timeline()
    for (const at of [1000, 1999, 5000]) timeline.add(at, 'requests', 1)
    timeline.add(9000, 'drops', 0)

    expect([timeline.widthMs, timeline.buckets()]).toEqual([
      1000,
      [
        { start: 1000, requests: 2, objects: 0, data_points: 0, drops: 0 },
        { start: 5000, requests: 1, objects: 0, data_points: 0, drops: 0 },
      ],
    ])
  })

  it('loses no count, stays short and in order, whatever the clock does', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.nat(10_000_000_000), fc.integer({ min: 1, max: 9 })), {
          maxLength: 60,
        }),
        (events) => {
          const timeline = new Timeline()
          for (const [at, amount] of events) timeline.add(at, 'objects', amount)

          const buckets = timeline.buckets()
          expect(buckets.reduce((sum, { objects }) => sum + objects, 0)).toBe(
            events.reduce((sum, [, amount]) => sum + amount, 0),
          )
          expect(buckets.map(({ start }) => start)).toEqual(
            buckets.map(({ start }) => start).toSorted((a, b) => a - b),
          )
          if (buckets.length > 0)
            expect((buckets.at(-1)!.start - buckets[0].start) / timeline.widthMs).toBeLessThan(120)
        },
      ),
    )
  })
})
