import { setTimeout as sleep } from 'node:timers/promises'
import { expect, it } from 'vitest'
import { ownerName, takeLease } from '../../../src/engine/durable/index.ts'
import { borrowFromWorkers } from '../../../src/engine/fleet/index.ts'
import { IN_LINE } from '../../../src/engine/fleet/loans.ts'
import { loan } from '../../../src/state/values/loan.ts'
import { NOW } from '../harness.ts'
import { FleetBench } from './fleet-bench.ts'

const SYNC = `traits:
  plan: plan
`
const LONG = { timeout: 60_000 }
const signal = AbortSignal.timeout(60_000)

function events(count: number, from = 0) {
  return Array.from({ length: count }, (_, index) => ({
    user: `user ${(from + index) % 20}`,
    at: NOW + from + index,
    trait: 'plan',
    value: `plan ${from + index}`,
  }))
}

async function running() {
  const bench = new FleetBench({ shop: SYNC })
  bench.add(events(40))
  await bench.start()
  await bench.start()
  await bench.settled()
  return { bench, store: await bench.openStore() }
}

it(
  'workers end and keep out while somebody borrows the environment, and go on after it',
  LONG,
  async () => {
    const { bench, store } = await running()

    const borrowed = await borrowFromWorkers(store, {
      borrower: 'a run',
      patienceMs: 30_000,
      signal,
    })
    expect((await store.fleet()).workers).toEqual([])
    for (const { worker } of bench.workers)
      await expect
        .poll(() => worker.status().reason?.code, { timeout: 30_000 })
        .toBe('SERVE_HANDED_OVER')
    bench.add(events(20, 40))
    const lease = await store.acquireLease('a run', 10_000)
    await store.commit({ epoch: lease.epoch, values: [{ key: 'done alone', value: true }] })
    await store.releaseLease(lease)
    await sleep(400)
    expect((await store.fleet()).workers).toEqual([])
    await borrowed?.giveBack()

    await bench.settled()
    expect(bench.ledger.dump().map(({ attributes }) => attributes['plan'])).toContain('plan 59')
    expect(await loan.read(store)).toBeNull()
    await store.close()
    await bench.end()
  },
)

it('a borrower that says nothing any more holds nobody up', LONG, async () => {
  const { bench, store } = await running()
  const { epoch, nowMs } = await store.fleet()
  await store.commit({ epoch, values: [loan.stored({ borrower: 'gone', untilMs: nowMs + 1000 })] })
  await expect.poll(async () => (await store.fleet()).workers, { timeout: 30_000 }).toEqual([])

  bench.add(events(20, 40))

  await bench.settled()
  await store.close()
  await bench.end()
})

it('two who ask do not get it at once', LONG, async () => {
  const { bench, store } = await running()
  const { epoch, nowMs } = await store.fleet()
  await store.commit({ epoch, values: [loan.stored({ borrower: 'one', untilMs: nowMs + 60_000 })] })
  const other = { borrower: 'two', patienceMs: 30_000, signal }

  await expect(borrowFromWorkers(store, other)).rejects.toMatchObject({
    code: 'SERVE_NOT_HANDED_OVER',
    message: expect.stringContaining('one borrows it already') as string,
  })

  await store.commit({ epoch: (await store.fleet()).epoch, values: [loan.cleared] })
  const borrowed = await borrowFromWorkers(store, other)
  expect((await store.fleet()).workers).toEqual([])
  await borrowed?.giveBack()
  await bench.settled()
  await store.close()
  await bench.end()
})

it(
  'who borrows waits for a worker that came in before it saw that somebody asks',
  LONG,
  async () => {
    const bench = new FleetBench({ shop: SYNC })
    const store = await bench.openStore()
    const borrower = ownerName()
    const borrowed = await borrowFromWorkers(store, { borrower, patienceMs: 30_000, signal })

    const late = await store.acquireLease(ownerName(IN_LINE), 60_000)
    setTimeout(() => void store.releaseLease(late), 700)
    const lease = await takeLease(store, { waitMs: 0 })
    expect(lease.current.epoch).toBeGreaterThan(late.epoch)
    await lease.release()

    await borrowed?.giveBack()
    const other = await store.acquireLease('a run', 60_000)
    await expect(takeLease(store, { waitMs: 0 })).rejects.toThrow('a run')
    await store.releaseLease(other)
    await store.close()
    await bench.end()
  },
)
