import type { Source } from '@engage-sync/core'
import { expect, it } from 'vitest'
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
  const reads = { count: 0 }
  const ends: Source = {
    ...list,
    read: (_from, signal) => {
      reads.count++
      return list.read(null, signal)
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
  return { bench, reads, due }
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
