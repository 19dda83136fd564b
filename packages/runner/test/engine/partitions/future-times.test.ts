import { createRowDecoder } from '@engage-sync/segment'
import { afterEach, describe, expect, it } from 'vitest'
import { REREAD } from '../../../src/engine/index.ts'
import { timesSetBack } from '../../../src/state/values/values.ts'
import { Bench, NOW } from '../harness.ts'

const SYNC = `traits:
  tier: { attribute: tier, type: string, event: Tier Changed }
audiences: { vip: { attribute: vip, cohort: VIPs } }
segments: { top: { when: { trait: tier, equals: gold }, attribute: top } }
`
const HOUR_MS = 3_600_000
const IN_2099 = Date.parse('2099-01-01T00:00:00Z')

let bench: Bench
afterEach(() => bench.close())

/**
 * A state as an older version left it: it took a record of 2099 by its word, and marked nothing.
 */
async function olderState(): Promise<void> {
  bench = new Bench({ shop: SYNC })
  bench.nowMs = NOW - 2 * HOUR_MS
  await bench.run()
  bench.nowMs = NOW - HOUR_MS
  bench.records = [
    { user: 'u1', at: NOW - 1.5 * HOUR_MS, trait: 'tier', value: 'silver' },
    { user: 'u1', at: IN_2099, trait: 'tier', value: 'gold' },
    { user: 'u1', at: IN_2099, audience: 'vip', value: true },
    { user: 'u2', at: NOW - 1.5 * HOUR_MS, trait: 'tier', value: 'silver' },
  ]
  await bench.run({ createDecoder: (plan) => createRowDecoder({ ...plan, nowMs: IN_2099 }) })
  await bench.withStore(async (store) => {
    const lease = await store.acquireLease('an older version', 60_000)
    const { key } = timesSetBack.stored(true)
    await store.commit({ epoch: lease.epoch, values: [{ key, value: null }] })
    await store.releaseLease(lease)
  })
  bench.nowMs = NOW
}

const attributes = (user: string) => Object.fromEntries(bench.ledger.users.get(user)!.attributes)
const eventsOf = (user: string) => bench.ledger.users.get(user)!.events.length

describe('times of the future in a state of an older version', () => {
  it('are set back once, so that what comes wins again', async () => {
    await olderState()
    bench.records.push(
      { user: 'u1', at: NOW - 60_000, trait: 'tier', value: 'bronze' },
      { user: 'u1', at: NOW - 60_000, audience: 'vip', value: false },
    )

    const planned = await bench.plan()
    const { report } = await bench.run()
    const again = await bench.run()

    expect(planned.summary.users.changed).toBe(1)
    expect(report.reasons).toContainEqual(
      expect.objectContaining({ code: 'STATE_TIME_SET_BACK', count: expect.any(Number) }),
    )
    expect(attributes('u1')).toMatchObject({ tier: 'bronze', vip: false, top: false })
    expect(report.records.stale).toBe(0)
    expect(again.report.reasons).toEqual([])
    expect(again.report.braze.requests).toBe(0)
  })

  it('let nothing be sent that was read before, whatever is read again', async () => {
    await olderState()
    const before = [eventsOf('u1'), eventsOf('u2'), bench.ledger.requests]

    // Today's decoders do not take that record any more.
    bench.records = bench.records.filter(({ at }) => at < IN_2099)
    const { report } = await bench.run({ kind: REREAD })

    expect(report.braze).toMatchObject({ attributes: 0, events: 0, requests: 0 })
    expect([eventsOf('u1'), eventsOf('u2'), bench.ledger.requests]).toEqual(before)
  })

  it('of others than the future are left alone', async () => {
    await olderState()
    bench.records.push({ user: 'u2', at: NOW - 1.6 * HOUR_MS, trait: 'tier', value: 'old' })

    await bench.run()

    expect(attributes('u2')).toMatchObject({ tier: 'silver' })
  })
})
