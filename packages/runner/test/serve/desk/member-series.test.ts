import { expect, it } from 'vitest'
import { MemberSeries } from '../../../src/serve/desk/index.ts'

const HOUR = 3_600_000

interface View {
  readonly times_ms: readonly number[]
  readonly memberships: readonly { readonly id: string; readonly counts: readonly unknown[] }[]
  readonly left: number
}
const viewOf = (series: MemberSeries) => series.view() as View

it('keeps members since the server started, from the first to the last, in few points', () => {
  const series = new MemberSeries()
  for (let ms = 0; ms <= 48 * HOUR; ms += 1000)
    series.take(() => new Map([['shop:audiences.vip', ms / 1000]]), ms)

  const { times_ms: times, memberships } = viewOf(series)
  expect(times.length).toBeLessThanOrEqual(60)
  expect(times.length).toBeGreaterThan(30)
  expect(times[0]).toBeLessThan(HOUR)
  expect(times.at(-1)).toBeGreaterThan(46 * HOUR)
  expect(memberships).toEqual([{ id: 'shop:audiences.vip', counts: times.map((ms) => ms / 1000) }])
})

it('knows nothing of a membership before it was counted, and forgets one that is gone', () => {
  const series = new MemberSeries()
  expect(series.take(() => null, 0)).toBe(false)
  series.take(() => new Map([['a', 1]]), 0)
  series.take(
    () =>
      new Map([
        ['a', 2],
        ['b', 9],
      ]),
    5000,
  )
  series.take(() => new Map([['b', 8]]), 10_000)

  expect(viewOf(series).memberships).toEqual([{ id: 'b', counts: [null, 9, 8] }])
})

it('is bounded in memberships, too, and says how many are left', () => {
  const series = new MemberSeries()
  series.take(() => new Map(Array.from({ length: 250 }, (_, each) => [`id ${each}`, each])), 0)

  expect(viewOf(series)).toMatchObject({ left: 150 })
  expect(viewOf(series).memberships).toHaveLength(100)
})
