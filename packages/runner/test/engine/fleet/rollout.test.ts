import { setTimeout as sleep } from 'node:timers/promises'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { fleetConfiguration } from '../../../src/state/values/configuration.ts'
import { Bench, compile, NOW } from '../harness.ts'
import type { TestEvent } from '../harness.ts'
import type { LedgerDestination } from '../ledger-destination.ts'
import { FleetBench, SharedSource, TTL_MS } from './fleet-bench.ts'

const BEFORE = `traits:
  plan: plan
  worth: { attribute: worth, type: number }
audiences:
  vip: { attribute: vip, event: { entered: In, exited: Out }, cohort: VIPs }
segments:
  rich: { when: { trait: worth, more_than: 5 }, cohort: Rich }
`
/** Other attributes, another threshold, a new event. */
const AFTER = `traits:
  plan: { attribute: tier, event: Plan Changed }
  worth: { attribute: value, type: number }
audiences:
  vip: { attribute: vip, event: { entered: In, exited: Out }, cohort: VIPs }
segments:
  rich: { when: { trait: worth, more_than: 3 }, cohort: Rich }
`
const LONG = { timeout: 60_000 }

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

const NEWER = ['tier', 'value', 'vip', 'rich']

/** What does not depend on when a configuration came: attributes of those that stay, cohorts, and events of both. */
function seen(dump: ReturnType<LedgerDestination['dump']>, names = NEWER) {
  return dump
    .map(({ name: user, attributes, cohorts, events }) => ({
      user,
      cohorts,
      attributes: names.map((name) => attributes[name] || null),
      events: events.filter(({ name }) => name !== 'Plan Changed').length,
    }))
    .filter(({ attributes, events }) => events > 0 || attributes.some((value) => value !== null))
}

/** One process that has the former configuration first, and another one over all. */
async function byRuns(
  records: readonly TestEvent[],
  {
    first,
    last = AFTER,
    names,
  }: { readonly first: number; last?: string; names?: readonly string[] },
) {
  const bench = new Bench({ shop: BEFORE })
  bench.records = records.slice(0, first)
  await bench.run()
  bench.records = [...records]
  await bench.run({ syncs: compile({ shop: last }) })
  const dump = bench.ledger.dump()
  bench.close()
  return seen(dump, names && [...names])
}

/** Two workers that have the former configuration, and 120 records behind them. */
async function settledFleet() {
  const bench = new FleetBench({ shop: BEFORE })
  bench.ttlMs = 6000
  const records: TestEvent[] = []
  const add = (count: number) => {
    const more = someEvents(count, records.length)
    records.push(...more)
    bench.add(more)
  }
  add(60)
  const one = await bench.start()
  await bench.settled()
  const two = await bench.start()
  add(60)
  await bench.settled()
  const store = await bench.openStore()
  return { bench, records, add, one, two, store, current: () => fleetConfiguration.read(store) }
}

const newer = (text = AFTER) => compile({ shop: text })

it(
  'a newer configuration takes partition after partition, while workers of the former go on',
  LONG,
  async () => {
    const { bench, records, add, one, two, store, current } = await settledFleet()
    expect(await current()).toMatchObject({ epoch: 1, rollout: null })
    const three = await bench.start(newer())
    await expect.poll(async () => (await current()).rollout?.done.length, LONG).toBe(21)
    add(60)
    await bench.settled()
    for (const { worker } of [one, two])
      expect(worker.status().partitions.length).toBeGreaterThan(20)
    expect(await current()).toMatchObject({ epoch: 2 })

    await one.stop()
    await expect.poll(() => three.worker.status().partitions.length, LONG).toBeGreaterThan(40)
    add(30)
    await two.kill()
    await expect.poll(async () => (await current()).rollout, LONG).toBeNull()
    await bench.settled()

    expect(seen(bench.ledger.dump())).toEqual(await byRuns(records, { first: 120 }))
    await three.stop()
    const sources = new Map([['engage', new SharedSource(bench.texts)]])
    const { report } = await bench.run({ syncs: newer(), sources })
    expect(report).toMatchObject({ records: { read: 0 }, braze: { requests: 0 } })
    await store.close()
    await bench.end()
  },
)

it(
  'one that dies half way is taken back by the former, once nobody has it any more',
  LONG,
  async () => {
    const { bench, records, add, store, current } = await settledFleet()
    const three = await bench.start(newer())
    await expect.poll(async () => (await current()).rollout?.done.length, LONG).toBe(21)
    add(60)
    await bench.settled()

    await three.kill()
    await expect.poll(current, LONG).toMatchObject({ epoch: 4, rollout: null })
    add(30)
    await bench.settled()

    const names = ['plan', 'worth', 'vip', 'rich']
    expect(seen(bench.ledger.dump(), names)).toEqual(
      await byRuns(records, { first: 120, last: BEFORE, names }),
    )
    // Whoever has it again is there, and is not taken for one that has been away.
    await bench.start(newer())
    await expect.poll(async () => (await current()).rollout?.done.length, LONG).toBe(21)
    add(30)
    await bench.settled()
    expect(await current()).toMatchObject({ epoch: 5, rollout: { done: { length: 21 } } })
    await store.close()
    await bench.end()
  },
)

it('a run of somebody else, half way, brings in line what had gone ahead', LONG, async () => {
  const { bench, records, add, one, two, store, current } = await settledFleet()
  const three = await bench.start(newer())
  await expect.poll(async () => (await current()).rollout?.done.length, LONG).toBe(21)
  add(60)
  await bench.settled()
  for (const worker of [one, two, three]) await worker.stop()

  const sources = new Map([['engage', new SharedSource(bench.texts)]])
  await bench.run({ sources })

  expect(await current()).toMatchObject({ epoch: 3, fingerprint: '', rollout: null })
  const names = ['plan', 'worth', 'vip', 'rich']
  expect(seen(bench.ledger.dump(), names)).toEqual(
    await byRuns(records, { first: 120, last: BEFORE, names }),
  )
  await store.close()
  await bench.end()
})

it(
  'one that goes no other way asks the others to keep out, and is there at once',
  LONG,
  async () => {
    const { bench, records, add, one, two, store, current } = await settledFleet()
    const moved = `moved: [{ from: traits.worth, to: traits.total }]
${AFTER.replaceAll('worth', 'total')}`
    const three = await bench.start(newer(moved))
    await expect.poll(() => three.worker.status().partitions.length, LONG).toBe(64)

    expect(await current()).toMatchObject({ epoch: 2, rollout: null })
    for (const { worker } of [one, two])
      await expect
        .poll(() => worker.status().reason?.message, LONG)
        .toContain('newer configuration')
    await one.stop()
    await two.stop()
    add(60)
    await bench.settled()

    const expected = await byRuns(records, { first: 120, last: moved })
    expect(seen(bench.ledger.dump())).toEqual(expected)
    await store.close()
    await bench.end()
  },
)

it('no way of joining, leaving and dying in between ends otherwise than a run', LONG, async () => {
  const step = fc.oneof(
    fc.record({ does: fc.constant('add' as const), count: fc.integer({ min: 1, max: 30 }) }),
    fc.record({ does: fc.constantFrom('start', 'newer', 'stop', 'kill', 'wait' as const) }),
  )
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 3, maxLength: 8 }), async (steps) => {
      const { bench, records, add, store } = await settledFleet()
      bench.ttlMs = TTL_MS
      for (const one of steps) {
        if (one.does === 'add') add(one.count)
        else if (one.does === 'start' && bench.workers.length < 4) await bench.start()
        else if (one.does === 'newer' && bench.workers.length < 5) await bench.start(newer())
        else if (one.does === 'stop' && bench.workers.length > 1) await bench.workers[0]?.stop()
        else if (one.does === 'kill' && bench.workers.length > 1) await bench.workers[0]?.kill()
        else if (one.does === 'wait') await sleep(TTL_MS)
      }
      for (const worker of bench.workers.slice()) await worker.stop()
      await bench.start(newer())
      add(20)
      await bench.settled()
      const found = seen(bench.ledger.dump())
      await store.close()
      await bench.end()
      expect(found).toEqual(await byRuns(records, { first: 120 }))
    }),
    { numRuns: 2 },
  )
})
