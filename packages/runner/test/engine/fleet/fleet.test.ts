import { setImmediate, setTimeout as sleep } from 'node:timers/promises'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Membership } from '@engage-sync/core'
import { Bench, NOW } from '../harness.ts'
import type { TestEvent } from '../harness.ts'
import { deliveredTypes } from '../../../src/state/values/values.ts'
import type { LedgerDestination } from '../ledger-destination.ts'
import { FleetBench, SharedSource, TTL_MS } from './fleet-bench.ts'

const SYNC = `traits:
  plan: plan
  worth: { attribute: worth, type: number, event: Worth Computed }
audiences:
  vip: { attribute: vip, event: { entered: In, exited: Out }, cohort: VIPs }
segments:
  rich: { when: { all: [{ trait: worth, more_than: 5 }, { audience: vip, equals: true }] }, cohort: Rich }
`
async function byRun(records: readonly TestEvent[]) {
  const bench = new Bench({ shop: SYNC })
  bench.records = [...records]
  await bench.run()
  bench.close()
  return seen(bench.ledger.dump())
}

/** What anybody sees of users: one who has nothing is as one who is not there. */
function seen(dump: ReturnType<LedgerDestination['dump']>) {
  return dump.filter(
    ({ attributes, events, cohorts }) =>
      events.length + cohorts.length > 0 ||
      Object.values(attributes).some((value) => value !== false),
  )
}

/** Values of users, one a millisecond, younger than their mappings. */
function someEvents(count: number, from = 0): readonly TestEvent[] {
  return Array.from({ length: count }, (_, index) => {
    const number = from + index
    const user = `user ${number % 40}`
    const at = NOW + number
    if (number % 3 === 0) return { user, at, audience: 'vip', value: number % 2 === 0 }
    return number % 3 === 1
      ? { user, at, trait: 'worth', value: number % 11 }
      : { user, at, trait: 'plan', value: `plan ${number % 5}` }
  })
}

describe('several workers over one state', { timeout: 60_000 }, () => {
  it('end as one run does, while workers come, go and die', async () => {
    const bench = new FleetBench({ shop: SYNC })
    const records: TestEvent[] = []
    const add = (count: number) => {
      const more = someEvents(count, records.length)
      records.push(...more)
      bench.add(more)
    }
    add(60)
    const one = await bench.start()
    await bench.settled()
    await bench.start()
    add(60)
    const three = await bench.start()
    await bench.settled()
    expect(bench.workers.map(({ worker }) => worker.status().partitions.length)).not.toContain(0)
    add(90)
    await one.kill()
    add(60)
    await bench.settled()
    await three.stop()
    add(60)
    await bench.settled()
    await bench.end()

    expect(seen(bench.ledger.dump())).toEqual(await byRun(records))
  })

  it('forget users who are to be forgotten, whoever has them', async () => {
    const bench = new FleetBench({ shop: SYNC })
    bench.told = { onDelete: new Map([['shop', 'delete']]) }
    const users = Array.from({ length: 12 }, (_, number) => `user ${number}`)
    bench.add(users.map((user) => ({ user, at: NOW, trait: 'plan', value: 'gold' })))
    await bench.start()
    await bench.start()
    await bench.settled()

    bench.add(users.map((user) => ({ user, at: NOW + 1, forget: true })))
    await bench.settled()
    await bench.end()

    expect(seen(bench.ledger.dump())).toEqual([])
  })

  it('count types of what they deliver once, on top of what was counted before', async () => {
    const bench = new FleetBench({ shop: SYNC })
    const values = (users: readonly string[]) =>
      users.map((user): TestEvent => ({ user, at: NOW, trait: 'plan', value: 'gold' }))
    bench.add(values(['a', 'b', 'c']))
    const source = new SharedSource(bench.texts)
    await bench.run({ sources: new Map([['engage', source]]) })
    await bench.start()
    await bench.start()
    bench.add(values(Array.from({ length: 8 }, (_, number) => `user ${number}`)))
    await bench.settled()
    for (const worker of bench.workers.slice()) await worker.stop()

    await bench.run({ sources: new Map([['engage', source]]) })

    const store = await bench.openStore()
    expect((await deliveredTypes.readAll(store)).get('plan')?.counts).toEqual({ string: 11 })
    await store.close()
    await bench.end()
  })

  it('read the rows they gain, and not those they keep', async () => {
    const bench = new FleetBench({ shop: SYNC })
    // One that is lost on a busy machine reads all of them again.
    bench.ttlMs = 6000
    const records: TestEvent[] = []
    const add = async (count: number) => {
      const more = someEvents(count, records.length)
      records.push(...more)
      bench.add(more)
      await bench.settled()
    }
    const one = await bench.start()
    await add(20)
    const two = await bench.start()
    await add(120)
    const read = bench.read.get('worker 1')!
    const kept = one.worker.status().partitions.filter((partition) => read.has(partition))
    read.clear()

    await two.stop()
    await add(120)

    expect(kept.length).toBeGreaterThan(5)
    expect(read.size).toBeGreaterThan(5)
    expect(kept.filter((partition) => read.has(partition))).toEqual([])
    await bench.end()
    expect(seen(bench.ledger.dump())).toEqual(await byRun(records))
  })

  it('are followed by a run, which goes on where they were', async () => {
    const bench = new FleetBench({ shop: SYNC })
    const records = someEvents(80)
    bench.add(records)
    await bench.start()
    await bench.start()
    await bench.settled()
    for (const worker of bench.workers.slice()) await worker.stop()
    const more = someEvents(40, records.length)
    bench.add(more)

    const source = new SharedSource(bench.texts)
    const { report } = await bench.run({ sources: new Map([['engage', source]]) })

    expect(report.records.read).toBe(40)
    expect(seen(bench.ledger.dump())).toEqual(await byRun([...records, ...more]))
    const store = await bench.openStore()
    expect(await store.partitionPositions()).toEqual([])
    await store.close()
    await bench.end()
  })
})

it(
  'no way of joining, leaving and dying loses or doubles anything',
  { timeout: 120_000 },
  async () => {
    const step = fc.oneof(
      fc.record({ does: fc.constant('add' as const), count: fc.integer({ min: 1, max: 30 }) }),
      fc.record({ does: fc.constantFrom('start', 'stop', 'kill', 'wait' as const) }),
    )
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 3, maxLength: 10 }), async (steps) => {
        const bench = new FleetBench({ shop: SYNC })
        const records: TestEvent[] = []
        await bench.start()
        for (const one of steps) {
          if (one.does === 'add') {
            const more = someEvents(one.count, records.length)
            records.push(...more)
            bench.add(more)
          } else if (one.does === 'start' && bench.workers.length < 4) await bench.start()
          else if (one.does === 'stop' && bench.workers.length > 1) await bench.workers[0]?.stop()
          else if (one.does === 'kill' && bench.workers.length > 1) await bench.workers[0]?.kill()
          else if (one.does === 'wait') await sleep(TTL_MS / 4)
          await setImmediate()
        }
        await bench.settled()
        await bench.end()
        expect(seen(bench.ledger.dump())).toEqual(await byRun(records))
      }),
      { numRuns: 8 },
    )
  },
)

it(
  'hands over what others asked for while it worked on nothing yet',
  { timeout: 60_000 },
  async () => {
    const bench = new FleetBench({ shop: SYNC })
    const aside = await bench.openStore()
    let other: Membership | null = null
    bench.beforeTurn = async () => {
      if (other !== null || (await aside.fleet()).workers.length === 0) return
      other = await aside.join({ worker: 'other', url: null, fingerprint: '', demand: 10 }, 60_000)
      await aside.beat(other, 60_000)
      // The worker beats, and so hears of it, before it begins to work.
      await sleep(TTL_MS)
    }
    await bench.start()

    await expect
      .poll(async () => (other === null ? [] : (await aside.beat(other, 60_000)).owned), {
        timeout: 20_000,
      })
      .toHaveLength(10)
    if (other !== null) await aside.leave(other)
    await aside.close()
    await bench.end()
  },
)
