import { SyncError } from '@engage-sync/core'
import type { Source } from '@engage-sync/core'
import { expect, it } from 'vitest'
import { takeLease } from '../../../src/engine/durable/index.ts'
import { readDue } from '../../../src/engine/fleet/read-due.ts'
import { sourceReads } from '../../../src/state/values/source-reads.ts'
import { eventText, listSource, NOW } from '../harness.ts'
import { FleetBench } from './fleet-bench.ts'

/** Workers beside a source that ends, and how often that was read. */
function besides() {
  const bench = new FleetBench({
    shop: 'traits: { plan: plan }\n',
    list: 'traits: { worth: worth }\n',
  })
  bench.syncs = bench.syncs.map((sync) =>
    sync.name === 'list' ? { ...sync, source: 'list' } : sync,
  )
  let worth = 5
  const records = () => [{ user: 'u1', at: NOW + worth, trait: 'worth', value: worth }]
  const list = listSource(() => records().map(eventText), 7, 'ends')
  const reads = { count: 0, gate: Promise.resolve(), isAway: false }
  const ends: Source = {
    ...list,
    async *read(_from, signal) {
      reads.count++
      await reads.gate
      if (reads.isAway) throw new SyncError('SOURCE_UNAVAILABLE', 'away', { hint: 'wait' })
      yield* list.read(null, signal)
    },
  }
  bench.beside = new Map([['list', ends]])
  let clock = NOW
  bench.told = { now: () => clock }
  bench.scheduled = { isScheduled: (_, readMs) => readMs < clock }
  const due = (value: number) => {
    worth = value
    clock += 60_000
  }
  const later = (ms: number) => (clock += ms)
  return { bench, reads, due, later }
}

it(
  'a source that ends is read by one worker when it is due, and all go on after it',
  { timeout: 60_000 },
  async () => {
    const { bench, reads, due } = besides()
    bench.add([{ user: 'u2', at: NOW, trait: 'plan', value: 'free' }])
    for (let workers = 0; workers < 3; workers++) await bench.start()
    await bench.settled()
    expect(reads.count).toBe(1)

    for (const value of [6, 7]) {
      const before = reads.count
      due(value)
      const worth = () => bench.ledger.users.get('u1')?.attributes.get('worth')
      await expect.poll(worth, { timeout: 30_000 }).toBe(value)
      bench.add([{ user: 'u2', at: NOW + value, trait: 'plan', value: `plan ${value}` }])
      await bench.settled()
      // A run may read it twice; each of three workers would be more.
      expect(reads.count - before).toBeLessThanOrEqual(2)
    }

    expect(bench.ledger.users.get('u2')?.attributes.get('plan')).toBe('plan 7')
    const store = await bench.openStore()
    expect([...(await sourceReads.readAll(store)).keys()]).toEqual(['list'])
    await store.close()
    await bench.end()
  },
)

it(
  'one that loses the environment while it reads is followed by another',
  { timeout: 60_000 },
  async () => {
    const { bench, reads, due } = besides()
    bench.add([{ user: 'u2', at: NOW, trait: 'plan', value: 'free' }])
    for (let workers = 0; workers < 2; workers++) await bench.start()
    await bench.settled()
    const before = reads.count
    const gate = Promise.withResolvers<void>()
    reads.gate = gate.promise
    due(6)
    await expect.poll(() => reads.count, { timeout: 30_000 }).toBeGreaterThan(before)
    const store = await bench.openStore()
    expect(await store.currentLease()).not.toBeNull()

    await store.breakLease()
    gate.resolve()

    const worth = () => bench.ledger.users.get('u1')?.attributes.get('worth')
    await expect.poll(worth, { timeout: 30_000 }).toBe(6)
    await bench.settled()
    expect([...(await sourceReads.readAll(store)).values()]).toEqual([NOW + 60_000])
    await store.close()
    await bench.end()
  },
)

it('one that is away holds nobody up, and is tried again later', { timeout: 60_000 }, async () => {
  const { bench, reads, due, later } = besides()
  bench.add([{ user: 'u2', at: NOW, trait: 'plan', value: 'free' }])
  for (let workers = 0; workers < 2; workers++) await bench.start()
  await bench.settled()
  const { count } = reads
  reads.isAway = true

  due(6)
  await expect.poll(() => reads.count, { timeout: 30_000 }).toBeGreaterThan(count)
  bench.add([{ user: 'u2', at: NOW + 1, trait: 'plan', value: 'paid' }])
  await bench.settled()
  expect(bench.ledger.users.get('u2')?.attributes.get('plan')).toBe('paid')
  expect(bench.ledger.users.get('u1')?.attributes.get('worth')).toBe(5)

  reads.isAway = false
  later(300_000)
  const worth = () => bench.ledger.users.get('u1')?.attributes.get('worth')
  await expect.poll(worth, { timeout: 30_000 }).toBe(6)
  await bench.settled()
  await bench.end()
})

it('a reading that cannot begin keeps nobody out', async () => {
  const bench = new FleetBench({ shop: 'traits: { plan: plan }\n' })
  const store = await bench.openStore()
  const lease = await takeLease(store, { waitMs: 0 })
  const { epoch } = lease.current
  await store.commit({ epoch, values: [sourceReads.stored('list', NOW)] })
  await lease.release()
  const list = listSource(() => [], 7, 'list')
  const sources = new Map([['list', list]])
  const scheduled = { store, sources, streams: [], isScheduled: () => true, now: () => NOW + 1 }
  const { signal } = new AbortController()

  const read = readDue(scheduled, {
    borrower: 'one',
    signal,
    status: () => null,
    read: () => Promise.reject(new Error('the state is away')),
  })

  await expect(read).rejects.toThrow('away')
  expect(await store.currentLease()).toBeNull()
  await store.close()
  await bench.end()
})
