import { afterEach, expect, it } from 'vitest'
import { Bench, NOW } from './harness.ts'

let bench: Bench
afterEach(() => bench.close())

it.each([
  ['elements that came and went', 'array: update', ['a', 'b'], ['b', 'c', 'd'], 3],
  ['an array that is new', 'array: update', null, ['a', 'b', 'c'], 1],
  ['no array any more', 'array: update', ['a', 'b'], null, 1],
  [
    'items that came, changed and went',
    'id: sku',
    [{ sku: 1, n: 1 }, { sku: 2 }],
    [
      { sku: 1, n: 2 },
      { sku: 3, n: 1, m: 1 },
    ],
    6,
  ],
])(
  'plans, counts and guards %s at what they are billed',
  async (_, option, before, after, points) => {
    bench = new Bench({ shop: `traits:\n  list: { attribute: list, type: array, ${option} }\n` })
    bench.records = [{ user: 'u1', at: NOW - 10, trait: 'list', value: before }]
    await bench.run()
    bench.records.push({ user: 'u1', at: NOW - 5, trait: 'list', value: after })
    const guards = {
      maxRemovals: 1,
      minRemovals: 0,
      maxAdditions: 1,
      maxDataPoints: points - 1,
      emptySource: 'stop',
    } as const

    const planned = await bench.plan()
    const guarded = await bench.run({ guards })
    const { report } = await bench.run()

    expect(planned.summary.dataPoints).toBe(points)
    expect(guarded.stops).toMatchObject([{ guard: 'data_points', planned: points }])
    expect(report.braze.data_points).toBe(points)
  },
)
