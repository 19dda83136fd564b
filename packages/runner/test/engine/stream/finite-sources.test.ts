import { SyncError } from '@engage-sync/core'
import type { Source } from '@engage-sync/core'
import { describe, expect, it, onTestFinished } from 'vitest'
import { eventText, listSource, NOW } from '../harness.ts'
import type { TestEvent } from '../harness.ts'
import { StreamBench, until } from './stream-bench.ts'

const plan = (user: string, value: string, at: number): TestEvent => ({
  user,
  at: NOW + at,
  trait: 'plan',
  value,
})

/** A source that ends beside one that goes on, and how often it was read. */
function besides(bench: StreamBench) {
  const records: TestEvent[] = [{ user: 'u1', at: NOW + 1, trait: 'worth', value: 5 }]
  const list = listSource(() => records.map(eventText), 7, 'ends')
  const reads = { count: 0 }
  const ends: Source = {
    ...list,
    read: (...args) => {
      reads.count++
      return list.read(...args)
    },
  }
  const sources = new Map<string, Source>([
    ['engage', bench.source],
    ['list', ends],
  ])
  return { records, reads, sources }
}

describe('a source that ends, beside one that goes on', () => {
  it('is read once, however often windows begin anew', async () => {
    const bench = new StreamBench({
      shop: 'traits: { plan: plan }\n',
      list: 'traits: { worth: worth }\n',
    })
    onTestFinished(() => bench.close())
    bench.syncs = bench.syncs.map((sync) =>
      sync.name === 'list' ? { ...sync, source: 'list' } : sync,
    )
    const { reads, sources } = besides(bench)
    const { ledger } = bench
    const send = ledger.send.bind(ledger)
    let failures = 2
    await bench.streaming(
      async ({ stream, settled }) => {
        await until(() => stream.status().state === 'running')
        ledger.send = (...args) =>
          failures-- > 0
            ? Promise.reject(new SyncError('DESTINATION_UNAVAILABLE', 'away', { hint: 'wait' }))
            : send(...args)
        bench.source.add([plan('u2', 'free', 2)])
        await settled()

        expect(reads.count).toBe(1)
        expect(ledger.users.get('u1')?.attributes.get('worth')).toBe(5)
        expect(ledger.users.get('u2')?.attributes.get('plan')).toBe('free')
      },
      { sources },
    )
    await bench.streaming(({ settled }) => settled(), { sources, isDue: () => false })
    expect(reads.count).toBe(1)
    await bench.streaming(({ settled }) => settled(), { sources })
    expect(reads.count).toBe(2)
  })
})
