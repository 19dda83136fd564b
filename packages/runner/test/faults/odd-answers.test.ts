import { SyncError } from '@engage-sync/core'
import { drawnFor } from '@engage-sync/testkit'
import type { Random } from '@engage-sync/testkit'
import { afterEach, beforeAll, describe, expect, it } from 'vitest'
import { eventDifference, withoutEvents } from '../crash/compare.ts'
import type { Dump } from '../crash/world.ts'
import { startOddFront } from './odd-front.ts'
import type { OddFront } from './odd-front.ts'
import { Sea } from './sea.ts'

/** One run may take so long, whatever Braze and the clock do; a try may take 3 s, all of them 5 s. */
const RUN_MS = 60_000
const WORLDS = process.env['ENGAGE_SYNC_WHOLE'] === undefined ? 1 : 50

let expected: Dump
let front: OddFront | null = null
let sea: Sea | null = null

beforeAll(async () => {
  const calm = await Sea.open()
  await calm.runToEnd()
  expected = await calm.dump()
  await calm.close()
})
afterEach(async () => {
  await front?.close()
  await sea?.close()
})

/** A wall clock that is set forward and back under a run. */
function jumpingClock(random: Random): () => number {
  let jumpMs = 0
  return () => {
    if (random.chance(0.05)) jumpMs = (random.below(3) - 1) * 600_000
    return Date.now() + jumpMs
  }
}

/** One run; whether it left nothing to do. What it read is accounted for, however it ended. */
async function isCalm(sea: Sea, now: () => number): Promise<boolean> {
  const { report, failure } = await sea.run({ now }).catch((error: unknown) => {
    if (error instanceof SyncError) return { report: null, failure: error }
    throw error
  })
  if (report === null) return false
  const { read, ...classes } = report.records
  expect(Object.values(classes).reduce((sum, count) => sum + count, 0)).toBe(read)
  return failure === null && report.braze.pending === 0
}

describe('whatever headers, bodies and clocks do', () => {
  it.each(Array.from({ length: WORLDS }, (_, world) => world))(
    'a run ends, and the last one leaves what a calm one leaves (world %i)',
    async (world) => {
      const random = drawnFor(`odd answers ${world}`)
      sea = await Sea.open({ timeoutMs: 3000, budgetMs: 5000 })
      front = await startOddFront(sea.simulator.url, random)
      front.left = 40
      sea.through = front.url

      const now = jumpingClock(random)
      for (let runs = 0; !(await isCalm(sea, now)); runs++) {
        expect(runs, front.did.join('\n')).toBeLessThan(60)
      }

      const dump = await sea.dump()
      expect(withoutEvents(dump), front.did.join('\n')).toEqual(withoutEvents(expected))
      expect(eventDifference(dump, expected), front.did.join('\n')).toEqual({ more: 0, fewer: 0 })
    },
    RUN_MS * 2,
  )
})
