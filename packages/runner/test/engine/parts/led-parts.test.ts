import { expect, it, vi } from 'vitest'
import type { EngineEvent } from '../../../src/engine/index.ts'
import { takeLease } from '../../../src/engine/durable/index.ts'
import { LedParts } from '../../../src/engine/parts/led-parts.ts'
import { partAnswers, partProgress } from '../../../src/state/values/part-values.ts'
import { PartsBench } from './parts-bench.ts'

it('tells how far all parts are only where they came further', async () => {
  const bench = new PartsBench({ shop: 'traits: { plan: plan }\n' })
  const store = await bench.openStore()
  const lease = await takeLease(store, { waitMs: 0 })
  const { epoch } = lease.current
  const told: EngineEvent[] = []
  const crew = {
    of: 2,
    ended: new Set<number>(),
    start: () => undefined,
    again: () => false,
    end: async () => undefined,
  }
  const { signal } = new AbortController()
  const observe = (event: EngineEvent) => void told.push(event)
  const parts = new LedParts({ store, signal, observe, lease, crew, joinMs: 1000 })
  const sent = async (requests: number) => {
    const rest = { updates: requests, dataPoints: requests, changes: requests }
    const progress = { run: 1, read: { engage: 30 }, requests, ...rest }
    const values = ['1', '2'].map((number) => partProgress.stored(number, progress))
    await store.commit({ epoch, values })
    await vi.waitFor(() => expect(told.at(-1)).toMatchObject({ requests: requests * 2 }), 10_000)
  }
  await parts.call({ run: 1, startedMs: 0, work: '' })

  const ends = parts.ends()
  await sent(2)
  await sent(5)
  const end = { run: 1, worker: '', turn: 0, step: 'ended', told: { failure: null } } as const
  await store.commit({ epoch, values: ['1', '2'].map((one) => partAnswers.stored(one, end)) })

  expect((await ends).size).toBe(2)
  expect(told.map(({ type }) => type)).toEqual(['read', 'sent', 'sent'])
  await lease.release()
  await store.close()
  bench.close()
})
