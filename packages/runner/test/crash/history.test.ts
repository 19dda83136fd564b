import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { sampled } from '@engage-sync/testkit'
import { afterEach, beforeAll, describe, expect, it } from 'vitest'
import { eventDifference, withoutEvents } from './compare.ts'
import { World } from './world.ts'
import type { Dump } from './world.ts'

const BEFORE = `version: 1
source: engage
traits:
  worth: { attribute: worth, type: number, event: Worth Computed }
  plan: plan
`
/** A new mapping, and a segment that reads the trait of a mapping that stays as it is. */
const AFTER = `${BEFORE}audiences:
  vip: { attribute: vip, cohort: VIPs }
segments:
  rich: { when: { all: [{ trait: worth, more_than: 50 }, { audience: vip, equals: true }] }, cohort: Rich }
`

/** A world that has read its first records, and is to read on with more mappings. */
async function changedWorld(): Promise<World> {
  const opened = await World.open({ onUnknown: 'verify' })
  const configure = (text: string) => writeFileSync(join(opened.root, 'configs/shop.yaml'), text)
  configure(BEFORE)
  await opened.beBorn()
  opened.addPhase()
  await opened.finish()
  configure(AFTER)
  opened.addPhase()
  return opened
}

let world: World
let calm: Dump

beforeAll(async () => {
  world = await changedWorld()
  await world.finish()
  calm = await world.dump()
  const [last] = (await world.reports()).slice(-1)
  expect(last.reasons).toContainEqual(expect.objectContaining({ code: 'SKIPPED_HISTORY' }))
  await world.close()
}, 300_000)
afterEach(() => world.close())

describe('a run that reads history for some mappings', () => {
  const kills = [
    'after-mark:2',
    'after-send:2',
    'in-commit:3',
    'before-cohorts:1',
    'before-position:1',
    'after-position:1',
  ]

  it.each(sampled('kills in history', kills, 2))(
    'loses and repeats nothing when it is killed %s',
    async (killAt) => {
      world = await changedWorld()

      const killed = await world.live({ killAt })
      await world.finish()
      const dump = await world.dump()

      expect(killed.signal).toBe('SIGKILL')
      expect(withoutEvents(dump)).toEqual(withoutEvents(calm))
      expect(eventDifference(dump, calm)).toEqual({ more: 0, fewer: 0 })
    },
    300_000,
  )
})
