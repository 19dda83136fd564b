import { expect, it } from 'vitest'
import { openLookout } from '../../../src/engine/fleet/index.ts'
import { takeLease } from '../../../src/engine/durable/index.ts'
import { FleetBench } from './fleet-bench.ts'

const SOON = { timeout: 20_000 }

it('what receives tells who does not work: nobody, or nobody who can be asked', async () => {
  const bench = new FleetBench({ shop: 'traits: { plan: plan }\n' })
  const store = await bench.openStore()
  const lookout = openLookout({ store, streams: [], now: Date.now, unownedMs: 100 })
  const stop = new AbortController()
  const code = () => lookout.status().reason?.code ?? null
  const lease = await takeLease(store, { waitMs: 0 })
  const ended = lookout.run(stop.signal)
  await expect.poll(() => lookout.status().fleet, SOON).not.toBeNull()
  expect(code()).toBeNull()

  await lease.release()
  await expect.poll(code, SOON).toBe('SERVE_UNOWNED')
  expect(lookout.status().reason?.message).toMatch(/^64 of 64 /)
  const worker = await bench.start()
  await expect.poll(code, SOON).toBeNull()
  const { fleet } = store
  store.fleet = () => Promise.reject(new Error('away'))
  await expect.poll(() => lookout.status().state, SOON).toBe('waiting')
  store.fleet = fleet
  await expect.poll(() => lookout.status().state, SOON).toBe('running')

  await worker.kill()
  await expect.poll(code, SOON).toBe('SERVE_UNOWNED')
  stop.abort()
  await ended
  await store.close()
  bench.close()
})
