import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { TestEvent } from '../harness.ts'
import type { Fate } from '../ledger-destination.ts'
import { NOBODY_LEAVES } from './members.ts'
import { byRun, byWindows, inOrder, seen } from './windows.ts'
import type { Cut } from './windows.ts'

const SYNC = `traits:
  plan: plan
  worth: { attribute: worth, type: number, event: Worth Computed }
audiences:
  vip: { attribute: vip, event: { entered: In, exited: Out }, cohort: VIPs }
segments:
  rich: { when: { all: [{ trait: worth, more_than: 3 }, { audience: vip, equals: true }] }, cohort: Rich }
  left: { when: { event: Out, more_than: 0 }, attribute: left }
`

const user = fc.constantFrom('u1', 'u2', 'u3')
const at = fc.constant(0)
/** Few users, who come and go. */
const event: fc.Arbitrary<TestEvent> = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({ user, at, audience: fc.constant('vip'), value: fc.boolean() }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      user,
      at,
      trait: fc.constant('plan'),
      value: fc.constantFrom('a', 'b'),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      user,
      at,
      trait: fc.constant('worth'),
      value: fc.constantFrom(1, 4, 7),
    }),
  },
)
const events = fc.array(event, { minLength: 12, maxLength: 30 })
const cuts: fc.Arbitrary<readonly Cut[]> = fc.array(
  fc.record({
    records: fc.integer({ min: 1, max: 3 }),
    restarts: fc.constantFrom('no', 'no', 'ended', 'killed'),
  }),
  { minLength: 6, maxLength: 12 },
)

const guards = NOBODY_LEAVES

describe('memberships that are frozen and allowed again end as those of one run without guards', () => {
  it('every event of them, whatever the cuts, and whoever is killed', async () => {
    const allowedAfter = fc.integer({ min: 0, max: 12 })
    await fc.assert(
      fc.asyncProperty(events, cuts, allowedAfter, async (records, how, after) => {
        const frozen = { cuts: how, guards, allowedAfter: after }
        const { dump } = await byWindows(SYNC, inOrder(records), frozen)

        expect(seen(dump)).toEqual(seen(await byRun(SYNC, inOrder(records))))
      }),
      { numRuns: 3 },
    )
  })

  it('also where requests fail, are lost, or have no answer though they were applied', async () => {
    const fates = fc.array(fc.constantFrom<Fate>('ok', 'failed', 'lost', 'applied'), {
      maxLength: 8,
    })
    const delays = fc.array(fc.constantFrom(0, 0, 12), { maxLength: 8 })
    await fc.assert(
      fc.asyncProperty(events, cuts, fc.tuple(fates, delays), async (records, how, odd) => {
        const fate = (request: number) => odd[0][request - 1] ?? 'ok'
        const delayMs = (request: number) => odd[1][request - 1] ?? 0
        const frozen = { cuts: how, guards, fate, delayMs, allowedAfter: 3 }
        const { dump } = await byWindows(SYNC, inOrder(records), frozen)

        expect(seen(dump)).toEqual(seen(await byRun(SYNC, inOrder(records))))
      }),
      { numRuns: 3 },
    )
  })
})
