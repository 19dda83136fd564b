import type { StateStore } from '@engage-sync/core'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { run } from '../../../src/engine/index.ts'
import type { EngineOptions, RunResult } from '../../../src/engine/index.ts'
import { exportLines } from '../../../src/state/actions/export-state.ts'
import { isPurgeDue, purgeLater } from '../../../src/state/actions/purge.ts'
import { Bench, NOW } from '../harness.ts'

const USERS = Array.from({ length: 3000 }, (_, number) => `u${number}`)
/** The rows of all users do not fit in it, so there are several passes. */
const BUDGET = 200_000
const FORGETTING = {
  onDelete: new Map([['shop', 'forget' as const]]),
  allow: ['deletions' as const],
}

let bench: Bench
let purges: number

beforeEach(async () => {
  purges = 0
  bench = new Bench({ shop: 'traits: { plan: plan }\n' })
  bench.records = USERS.map((user) => ({ user, at: NOW - 20, trait: 'plan', value: 'pro' }))
  await bench.run()
})
afterEach(() => bench.close())

/** A run whose purges are counted. */
function runCounted(options: Partial<EngineOptions> = {}): Promise<RunResult> {
  return bench.withStore((store) => {
    const purge = store.purge.bind(store)
    store.purge = () => {
      purges++
      return purge()
    }
    return run(bench.options(store, options))
  })
}

async function erase(store: StateStore): Promise<void> {
  const lease = await store.acquireLease('a process that is killed', 60_000)
  await store.commit({ epoch: lease.epoch, values: [purgeLater] })
  await store.releaseLease(lease)
}

describe('a run purges', () => {
  it('nothing while nobody is forgotten', async () => {
    bench.records.push({ user: 'u1', at: NOW - 10, trait: 'plan', value: 'free' })

    await runCounted(FORGETTING)

    expect(purges).toBe(0)
  })

  it('once, however many passes forget users, and not again', async () => {
    bench.records.push(
      ...USERS.map((user) => ({ user, at: NOW - 15, trait: 'plan', value: 'free' })),
    )
    bench.records.push(...USERS.map((user) => ({ user, at: NOW - 10, forget: true as const })))
    let passes = 0

    await runCounted({
      ...FORGETTING,
      memoryBudgetBytes: BUDGET,
      observe: (event) => event.type === 'planned' && (passes = event.passes),
    })
    const first = purges
    await runCounted(FORGETTING)

    expect(passes).toBeGreaterThan(1)
    expect([first, purges]).toEqual([1, 1])
    expect(await bench.withStore(isPurgeDue)).toBe(false)
  })

  it('what another process erased, though a guard stops it', async () => {
    await bench.withStore(erase)
    bench.records.push(...USERS.map((user) => ({ user, at: NOW - 10, forget: true as const })))

    const { stops } = await runCounted({ ...FORGETTING, allow: [] })

    expect(stops).toMatchObject([{ guard: 'deletions' }])
    expect([purges, await bench.withStore(isPurgeDue)]).toEqual([1, false])
  })

  it('what another process erased, though no source can be read', async () => {
    await bench.withStore(erase)
    const read = () => {
      throw new Error('no source')
    }

    await expect(
      runCounted({ sources: new Map([['engage', { name: 'list', read }]]) }),
    ).rejects.toThrow('no source')

    expect([purges, await bench.withStore(isPurgeDue)]).toEqual([1, false])
  })

  it('what another process erased, though Braze is out of reach', async () => {
    await bench.withStore(erase)
    bench.records.push({ user: 'u1', at: NOW - 10, trait: 'plan', value: 'free' })
    bench.ledger.fate = () => {
      throw new Error('out of reach')
    }

    const { failure } = await runCounted()

    expect(failure).toMatchObject({ message: 'out of reach' })
    expect([purges, await bench.withStore(isPurgeDue)]).toEqual([1, false])
  })

  it('nothing once it is interrupted: the next run does', async () => {
    await bench.withStore(erase)

    await runCounted({ signal: AbortSignal.abort() }).catch(() => undefined)
    const interrupted = purges
    await runCounted()

    expect([interrupted, purges]).toEqual([0, 1])
  })

  it('nothing once another run took its lease', async () => {
    await bench.withStore(erase)
    bench.records.push({ user: 'u1', at: NOW - 10, trait: 'plan', value: 'free' })
    const { failure } = await bench.withStore((other) => {
      bench.ledger.fate = () => {
        void other.breakLease()
        return 'ok'
      }
      return runCounted()
    })

    expect(failure).toMatchObject({ code: 'STATE_LEASE_LOST' })
    expect([purges, await bench.withStore(isPurgeDue)]).toEqual([0, true])
  })
})

it('a state that is moved takes no purge along', async () => {
  await bench.withStore(erase)

  const text = await bench.withStore(async (store) => {
    let lines = ''
    for await (const line of exportLines(store)) lines += line
    return lines
  })

  expect(text).not.toContain(purgeLater.key)
})
