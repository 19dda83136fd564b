import { setTimeout as sleep } from 'node:timers/promises'
import { SyncError } from '@engage-sync/core'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { streamGuards } from '../../../src/state/values/stream-guards.ts'
import { compile, NOW } from '../harness.ts'
import type { TestEvent } from '../harness.ts'
import type { StreamOptions } from '../../../src/engine/stream/index.ts'
import { NOBODY_LEAVES, plan, vip } from './members.ts'
import { GrowingSource, StreamBench, until } from './stream-bench.ts'

const SHOP = `traits:
  plan: plan
  seen: { attribute: seen, type: time }
audiences:
  vip: { attribute: vip }
segments:
  pro: { when: { trait: plan, equals: pro }, attribute: is_pro }
`
let bench: StreamBench
beforeEach(() => {
  bench = new StreamBench({ shop: SHOP })
  bench.source = new GrowingSource(20)
})
afterEach(() => bench.close())

const guards = { ...NOBODY_LEAVES, minRemovals: 2 } as const
const names = ['u1', 'u2', 'u3', 'u4']
const members = () =>
  names.filter((name) => bench.ledger.userOf(name).attributes.get('vip') === true)

/** Takes records until a request was applied, and dies before anything of its answer is kept. */
async function killedAfterSending(
  records: readonly TestEvent[],
  more: Partial<StreamOptions> = {},
): Promise<void> {
  const { send } = bench.ledger
  const dying = bench.streaming(async ({ taken, ended }) => {
    await taken()
    bench.ledger.send = async (request) => {
      const sent = await send.call(bench.ledger, request)
      await bench.withStore((store) => store.breakLease())
      return sent
    }
    bench.source.add(records)
    await ended
  }, more)
  await expect(dying).rejects.toMatchObject({ code: 'STATE_LEASE_LOST' })
  bench.ledger.send = send
}

describe('a stream that dies once a request was applied', () => {
  it.each([50_000, 1])(
    'tells again what it may have sent, though it came back, with windows of %i',
    async (maxWindowRecords) => {
      const limits = { maxWindowRecords }
      await bench.streaming(async ({ settled }) => {
        bench.source.add([plan('u1', 'free', 1)])
        await settled()
      }, limits)
      const others = [2, 3, 4].map((at) => plan(`other ${at}`, 'pro', at))
      await killedAfterSending([...others, plan('u1', 'pro', 5)], limits)
      const planOf = () => bench.ledger.userOf('u1').attributes.get('plan')
      expect(planOf()).toBe('pro')

      bench.source.add([plan('u1', 'free', 6)])
      await bench.streaming(({ settled }) => settled(), limits)
      expect(planOf()).toBe('free')
    },
  )

  it('tells again what was late, though it came back, a verdict, too', async () => {
    const held = () => Object.fromEntries(bench.ledger.userOf('u1').attributes)
    await bench.streaming(async ({ settled }) => {
      bench.source.add([plan('u1', 'pro', 1), plan('u1', 'free', 2)])
      await settled()
    })
    const { send } = bench.ledger
    const never = Promise.withResolvers<void>()
    await bench.streaming(
      async ({ taken, kill }) => {
        await taken()
        bench.ledger.send = async (request) => {
          const sent = await send.call(bench.ledger, request)
          await never.promise
          return sent
        }
        bench.source.add([plan('u1', 'pro', 3)])
        await taken()
        bench.source.add([plan('u1', 'free', 4)])
        await taken()
        const killed = kill()
        never.resolve()
        await killed
      },
      { lateMs: 5 },
    )
    expect(held()).toEqual({ plan: 'pro', is_pro: true })

    bench.ledger.send = send
    await bench.streaming(({ settled }) => settled())
    expect(held()).toEqual({ plan: 'free', is_pro: false })
  })

  it('has used what its guards let pass', async () => {
    await bench.streaming(
      async ({ settled }) => {
        bench.source.add(names.map((name) => vip(name, true, 1)))
        await settled()
      },
      { guards },
    )
    await killedAfterSending([vip('u1', false, 2), vip('u2', false, 2)], { guards })
    expect(members()).toEqual(['u3', 'u4'])

    const { budgets } = await bench.withStore((store) => streamGuards.read(store))
    expect(budgets.get('removals=shop:audiences.vip')?.map(([, used]) => used)).toEqual([2])
  })
})

it('tells again what had no answer, though it came back before it was tried again', async () => {
  const held = () => Object.fromEntries(bench.ledger.userOf('u1').attributes)
  await bench.streaming(
    async ({ stream, taken, settled }) => {
      bench.source.add([plan('u1', 'pro', 1), plan('u1', 'free', 2)])
      await settled()
      bench.ledger.fate = () => 'applied'
      bench.source.add([plan('u1', 'pro', 3)])
      await taken()
      expect(stream.status().heldUsers).toBe(1)
      expect(held()).toEqual({ plan: 'pro', is_pro: true })
      bench.ledger.fate = () => 'ok'
      bench.source.add([plan('u1', 'free', 4)])
      await settled()
      expect(held()).toEqual({ plan: 'free', is_pro: false })
    },
    { retryMs: 300 },
  )
})

it('sends nothing of a user whose answer is late, though another request fails and all begins anew', async () => {
  const { send } = bench.ledger
  await bench.streaming(
    async ({ stream, taken, settled }) => {
      await taken()
      const slow = bench.ledger.requests + 1
      bench.ledger.delayMs = (request) => (request === slow ? 500 : 0)
      bench.source.add([plan('slow', 'pro', 1)])
      await until(() => stream.status().heldUsers === 1)
      bench.ledger.send = async () => {
        bench.ledger.send = send
        throw new SyncError('DESTINATION_UNAVAILABLE', 'away', { hint: 'wait' })
      }
      bench.source.add([plan('other', 'pro', 2)])
      await until(() => bench.ledger.users.has('other'))
      await settled()
      expect(bench.ledger.overlaps).toEqual([])
    },
    { lateMs: 5 },
  )
})

it('waits, and says why, where a late answer concerns everybody', async () => {
  const { send } = bench.ledger
  const late = Promise.withResolvers<void>()
  const reasons = new Set<string | undefined>()
  await bench.streaming(
    async ({ stream, taken, settled }) => {
      await taken()
      bench.ledger.send = async () => {
        bench.ledger.send = send
        await late.promise
        throw new SyncError('DESTINATION_AUTH', 'refused', { hint: 'look' })
      }
      bench.source.add([plan('slow', 'pro', 1)])
      await until(() => stream.status().heldUsers === 1)
      late.resolve()
      await until(() => reasons.add(stream.status().reason?.code).has('DESTINATION_AUTH'))
      await settled()
      expect(bench.ledger.userOf('slow').attributes.get('plan')).toBe('pro')
    },
    { lateMs: 5, retryMs: 500 },
  )
})

it('sends nothing of a user whose answer is late, though time changes a segment', async () => {
  bench.syncs = compile({
    shop: `${SHOP}  lately: { when: { trait: seen, less_than_days_ago: 1 }, attribute: lately }\n`,
  })
  const late = Promise.withResolvers<void>()
  const { send } = bench.ledger
  const lately = (user: string) => bench.ledger.userOf(user).attributes.get('lately')
  const value = new Date(NOW).toISOString()
  const seen = (user: string): TestEvent => ({ user, at: NOW, trait: 'seen', value })
  await bench.streaming(
    async ({ stream, taken, settled }) => {
      await taken()
      bench.source.add([seen('slow'), seen('other')])
      await settled()
      expect([lately('slow'), lately('other')]).toEqual([true, true])
      let sent = 0
      bench.ledger.send = async (request) => {
        const isSlow = Buffer.from(request.body).includes('"slow"')
        if (isSlow && sent++ === 0) await late.promise
        return await send.call(bench.ledger, request)
      }
      bench.source.add([plan('slow', 'pro', 1)])
      await until(() => stream.status().heldUsers === 1)
      bench.nowMs = NOW + 25 * 3_600_000
      bench.source.add([plan('next', 'pro', 2)])
      await until(() => lately('other') === false)
      await taken()
      expect(sent).toBe(1)

      late.resolve()
      await settled()
      expect(lately('slow')).toBe(false)
    },
    { lateMs: 5 },
  )
})

it('is taken off budgets once, though it failed, and then all began anew', async () => {
  const { send } = bench.ledger
  await bench.streaming(
    async ({ stream, taken, settled }) => {
      bench.source.add(names.map((name) => vip(name, true, 1)))
      await settled()
      bench.ledger.fails = (user) => user === 'u1'
      bench.source.add([vip('u1', false, 2)])
      await taken()
      expect(stream.status().heldUsers).toBe(1)
      const failed = Promise.withResolvers<void>()
      bench.ledger.send = async () => {
        bench.ledger.send = send
        failed.resolve()
        throw new SyncError('DESTINATION_UNAVAILABLE', 'away', { hint: 'wait' })
      }
      bench.source.add([plan('u4', 'pro', 3)])
      await failed.promise
      bench.ledger.fails = () => false
      await settled()
      expect(members()).toEqual(['u2', 'u3', 'u4'])

      bench.source.add([vip('u2', false, 4)])
      await settled()
      expect(members()).toEqual(['u3', 'u4'])
      expect(stream.status().frozen).toEqual([])
    },
    { guards, retryMs: 200 },
  )
})

it('sends nothing whose turn comes once somebody else took the lease', async () => {
  const { send } = bench.ledger
  const waits = Promise.withResolvers<void>()
  const turn = Promise.withResolvers<void>()
  const streaming = bench.streaming(
    async ({ taken, ended }) => {
      await taken()
      bench.ledger.send = async (request) => {
        waits.resolve()
        await turn.promise
        return await send.call(bench.ledger, request)
      }
      bench.source.add([plan('u1', 'pro', 1)])
      await waits.promise
      await bench.withStore((store) => store.breakLease())
      // Half of the lease's time, after which it is looked at before anything leaves.
      await sleep(200)
      turn.resolve()
      await ended
    },
    { leaseTtlMs: 300 },
  )

  await expect(streaming).rejects.toMatchObject({ code: 'STATE_LEASE_LOST' })
  expect(bench.ledger.requests).toBe(0)
})
