import type { StateStore } from '@engage-sync/core'
import { expect, it } from 'vitest'
import { NOW } from '../harness.ts'
import { awayStore } from '../stream/away-store.ts'
import { FleetBench } from './fleet-bench.ts'

const LONG = { timeout: 60_000 }

/** Workers whose state goes away. */
class AwayFleet extends FleetBench {
  isAway = false

  override async openStore(): Promise<StateStore> {
    return awayStore(await super.openStore(), () => this.isAway)
  }
}

it(
  'workers whose state is away for longer than any lease wait, say why, and go on',
  LONG,
  async () => {
    const bench = new AwayFleet({ shop: 'traits: { plan: plan }\n' })
    const told = (value: string, at: number) =>
      bench.add(['u1', 'u2', 'u3'].map((user) => ({ user, at: NOW + at, trait: 'plan', value })))
    told('free', 1)
    await bench.start()
    await bench.start()
    await bench.settled()

    bench.isAway = true
    told('pro', 2)
    for (const { worker } of bench.workers)
      await expect
        .poll(() => [worker.status().partitions, worker.status().reason?.code], LONG)
        .toEqual([[], 'STATE_UNAVAILABLE'])
    bench.isAway = false

    await bench.settled()
    const plans = [...bench.ledger.users.values()].map(({ attributes }) => attributes.get('plan'))
    expect(plans).toEqual(['pro', 'pro', 'pro'])
    await bench.end()
  },
)
