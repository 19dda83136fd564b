import { sampled } from '@engage-sync/testkit'
import { afterEach, beforeAll, describe, expect, it } from 'vitest'
import { eventDifference, withoutEvents } from './compare.ts'
import { World } from './world.ts'
import type { Dump } from './world.ts'

const MEMBERS = '/partners/simulator/cohorts/users'

let world: World
let calm: Dump

beforeAll(async () => {
  world = await World.open({ onUnknown: 'verify', engineAlone: true })
  await world.beBorn()
  world.addPhase()
  await world.finish()
  world.addPhase()
  await world.finish()
  calm = await world.dump()
  await world.close()
}, 300_000)
afterEach(() => world.close())

describe('a run that leaves users waiting', () => {
  it.each(sampled('positions of waiting users', ['before-position', 'after-position'] as const, 1))(
    'loses and repeats nothing when it is killed %s',
    async (point) => {
      world = await World.open({ onUnknown: 'verify', engineAlone: true })
      await world.beBorn()
      world.addPhase()
      await world.addFault({ kind: 'status', status: 401, path: MEMBERS, next: 4 })

      const killed = await world.live({ killAt: `${point}:1` })
      const partial = await world.live()
      world.addPhase()
      await world.clearFaults()
      await world.finish()
      const dump = await world.dump()

      expect([killed.signal, partial.code]).toEqual(['SIGKILL', 1])
      expect(withoutEvents(dump)).toEqual(withoutEvents(calm))
      expect(eventDifference(dump, calm)).toEqual({ more: 0, fewer: 0 })
    },
    300_000,
  )
})
