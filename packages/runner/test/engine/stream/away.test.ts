import { SyncError } from '@engage-sync/core'
import type { StateStore } from '@engage-sync/core'
import { describe, expect, it, onTestFinished } from 'vitest'
import { allowRequests } from '../../../src/state/values/stream-guards.ts'
import { NOW } from '../harness.ts'
import type { TestEvent } from '../harness.ts'
import { awayStore } from './away-store.ts'
import { StreamBench, until } from './stream-bench.ts'

/** Streams whose state goes away. */
class AwayBench extends StreamBench {
  isAway = false

  override withStore<T>(work: (store: StateStore) => Promise<T>): Promise<T> {
    return super.withStore((store) => work(awayStore(store, () => this.isAway)))
  }
}

const plan = (user: string, value: string, at: number): TestEvent => ({
  user,
  at: NOW + at,
  trait: 'plan',
  value,
})

function benchOf(): AwayBench {
  const bench = new AwayBench({ shop: 'traits: { plan: plan }\n' })
  onTestFinished(() => bench.close())
  return bench
}

const held = (bench: AwayBench, user: string) =>
  bench.ledger.users.get(user)?.attributes.get('plan')

describe('a stream whose state is away', () => {
  it('waits for it, whatever it was doing, and goes on', async () => {
    const bench = benchOf()
    await bench.streaming(async ({ stream, settled }) => {
      bench.source.add([plan('u1', 'free', 1)])
      await settled()

      bench.isAway = true
      bench.source.add([plan('u1', 'pro', 2), plan('u2', 'free', 3)])
      await until(() => stream.status().state === 'waiting')
      expect(stream.status().reason).toMatchObject({ code: 'STATE_UNAVAILABLE' })
      bench.source.add([plan('u3', 'free', 4)])
      bench.isAway = false
      await settled()

      expect(['u1', 'u2', 'u3'].map((user) => held(bench, user))).toEqual(['pro', 'free', 'free'])
    })
  })

  it('waits for it at the beginning, too', async () => {
    const bench = benchOf()
    bench.source.add([plan('u1', 'free', 1)])
    await bench.streaming(async ({ stream, settled }) => {
      bench.isAway = true
      await until(() => stream.status().state === 'waiting')
      bench.isAway = false
      await settled()

      expect(held(bench, 'u1')).toBe('free')
    })
  })

  it('waits for it while a guard holds everything, and is let pass after that', async () => {
    const bench = benchOf()
    const guards = {
      maxRemovals: 1,
      minRemovals: 50,
      maxAdditions: 1,
      maxDataPoints: 1,
      emptySource: 'stop',
    } as const
    await bench.streaming(
      async ({ stream, settled }) => {
        await until(() => stream.status().state === 'running')
        bench.source.add([plan('u1', 'free', 1), plan('u2', 'free', 2)])
        await until(() => stream.status().reason?.code === 'GUARD_STOPPED')
        bench.isAway = true
        await new Promise((resolve) => setTimeout(resolve, 1200))
        bench.isAway = false
        await bench.withStore(async (store) => {
          const { epoch } = (await store.currentLease())!
          await store.commit({ epoch, values: [allowRequests.stored('data_points', 'now')] })
        })
        await settled()

        expect(held(bench, 'u2')).toBe('free')
      },
      { guards },
    )
  })
})

describe('a stream whose destination is away', () => {
  it('reads what waits once, and nothing more before it is there again', async () => {
    const bench = benchOf()
    bench.source.add(Array.from({ length: 100 }, (_, number) => plan(`u${number}`, 'free', 1)))
    const { ledger, source } = bench
    const [send, read] = [ledger.send.bind(ledger), source.read.bind(source)]
    let isAway = true
    let asked = 0
    let reads = 0
    const away = new SyncError('DESTINATION_UNAVAILABLE', 'away', { hint: 'wait' })
    ledger.send = (...args) => (isAway ? Promise.reject(away) : send(...args))
    source.read = (...args) => {
      reads++
      return read(...args)
    }
    Object.assign(ledger, {
      check: async () => {
        asked++
        return isAway ? [{ name: 'endpoint', status: 'failed', message: 'away' }] : []
      },
    })
    await bench.streaming(async ({ stream, settled }) => {
      await until(() => asked === 4)
      expect(stream.status().reason).toMatchObject({ code: 'DESTINATION_UNAVAILABLE' })
      expect(reads).toBe(1)
      isAway = false
      await settled()

      expect(reads).toBe(2)
      expect(held(bench, 'u99')).toBe('free')
    })
  })
})
