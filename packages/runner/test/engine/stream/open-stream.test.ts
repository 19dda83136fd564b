import { expect, it, onTestFinished } from 'vitest'
import { openStream } from '../../../src/engine/stream/index.ts'
import { StreamBench } from './stream-bench.ts'

it('a stream that cannot be opened leaves the lease to others', async () => {
  const bench = new StreamBench({ shop: 'traits: { plan: plan }\n' })
  onTestFinished(() => bench.close())
  await bench.withStore(async (store) => {
    store.values = () => Promise.reject(new Error('the state is away'))

    await expect(openStream(bench.streamOptions(store))).rejects.toThrow('away')

    expect(await store.currentLease()).toBeNull()
  })
})
