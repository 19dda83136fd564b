import { sampled } from '@engage-sync/testkit'
import { expect, it } from 'vitest'
import { addsUp, eventDifference, withoutEvents } from './compare.ts'
import { survive } from './kills.ts'
import { World } from './world.ts'

/** Enough for some of the partitions, so that each run takes several passes. */
const BUDGET_BYTES = 400_000
/** The second phase joins aliases, in every pass: each of these comes before it is whole. */
const KILLS = sampled(
  'kills of passes',
  [
    ['before-mark', 1],
    ['after-mark', 1],
    ['after-send', 1],
    ['in-commit', 4],
    ['after-mark', 4],
    ['before-commit', 5],
    ['before-cohorts', 2],
    ['after-commit', 7],
    ['after-snapshot', 1],
    ['before-position', 1],
  ] as const,
  3,
)

it('joins aliases in several passes, and ends as a run that was never killed', async () => {
  const calm = await World.open({ onUnknown: 'verify', engineAlone: true })
  const killed = await World.open({
    onUnknown: 'verify',
    engineAlone: true,
    memoryBudgetBytes: BUDGET_BYTES,
  })
  for (const world of [calm, killed]) {
    await world.beBorn()
    world.addPhase()
    await world.finish()
  }

  const { hits, phases } = await survive(
    killed,
    KILLS.map(([point, passage]) => ({ name: point, killAt: `${point}:${passage}` })),
  )
  for (let phase = 0; phase < phases; phase++) {
    calm.addPhase()
    await calm.finish()
  }
  const dumps = [await killed.dump(), await calm.dump()] as const
  const reports = await killed.reports()
  await Promise.all([calm.close(), killed.close()])

  expect(hits).toEqual(KILLS.map(([point]) => point))
  expect(withoutEvents(dumps[0])).toEqual(withoutEvents(dumps[1]))
  expect(eventDifference(...dumps)).toEqual({ more: 0, fewer: 0 })
  expect(reports.filter((report) => !addsUp(report))).toEqual([])
}, 600_000)
