import type { StateStore } from '@engage-sync/core'
import { expect, it } from 'vitest'
import { NOW } from '../harness.ts'
import { FleetBench } from './fleet-bench.ts'

const USERS = Array.from({ length: 40 }, (_, number) => `user ${number}`)

/** Stores of a fleet, of which one says nothing of its configuration once it gave something back. */
class SlowBench extends FleetBench {
  readonly gate = Promise.withResolvers<void>()
  readonly released = Promise.withResolvers<void>()
  isSlow = true

  override async openStore(): Promise<StateStore> {
    const store = await super.openStore()
    if (!this.isSlow) return store
    this.isSlow = false
    let wait = Promise.resolve()
    const values = store.values.bind(store)
    const release = store.release.bind(store)
    return Object.assign(store, {
      values: async (prefix: string) => {
        if (prefix === 'configuration') await wait
        return await values(prefix)
      },
      release: async (...given: Parameters<StateStore['release']>) => {
        await release(...given)
        wait = this.gate.promise
        this.released.resolve()
      },
    })
  }

  say(plan: string, at: number): void {
    this.add(USERS.map((user) => ({ user, at: NOW + at, trait: 'plan', value: plan })))
  }

  plans(): ReadonlySet<unknown> {
    return new Set(USERS.map((user) => this.ledger.users.get(user)?.attributes.get('plan')))
  }

  /** How many events users have, each number once. */
  events(): ReadonlySet<number> {
    return new Set(USERS.map((user) => this.ledger.users.get(user)?.events.length ?? 0))
  }
}

it(
  'a worker reads rows anew that were others’ for a moment, however soon they are its own again',
  { timeout: 60_000 },
  async () => {
    const bench = new SlowBench({ shop: 'traits: { plan: { attribute: plan, event: Planned } }\n' })
    const first = await bench.start()
    bench.say('none', 0)
    await bench.settled()
    bench.say('free', 1)
    await bench.settled()
    const other = await bench.start()
    await bench.released.promise
    await expect.poll(() => other.worker.status().partitions.length).toBeGreaterThan(0)
    bench.say('paid', 2)
    await expect.poll(() => bench.plans().has('paid'), { timeout: 20_000 }).toBe(true)
    await expect.poll(() => other.worker.status().lag?.records ?? 0, { timeout: 20_000 }).toBe(0)
    await other.stop()
    await expect.poll(() => first.worker.status().partitions.length, { timeout: 20_000 }).toBe(64)

    bench.gate.resolve()
    bench.say('free', 3)
    await bench.settled()

    expect(bench.plans()).toEqual(new Set(['free']))
    expect(bench.events()).toEqual(new Set([4]))
    await bench.end()
  },
)
