import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { LedgerDestination } from '../ledger-destination.ts'
import { allow, FEW_LEAVE, plan, vip } from './members.ts'
import { GrowingSource, StreamBench, until } from './stream-bench.ts'

/** More than may wait for anything else. */
const MEMBERS = 10_200
const LEAVE = 10_100

const SHOP = `traits:
  plan: plan
audiences:
  vip: { event: { entered: In, exited: Out }, cohort: VIPs }
`
const VIP = 'shop:audiences.vip'
const names = Array.from({ length: MEMBERS }, (_, number) => `u${number}`)
const leaving = names.slice(0, LEAVE)

let bench: StreamBench

beforeEach(() => {
  bench = new StreamBench(
    { shop: SHOP },
    new LedgerDestination({ perRequest: 75, concurrency: 300 }),
  )
  bench.source = new GrowingSource(5000)
})

afterEach(() => bench.close())

const guards = FEW_LEAVE

const isMember = (name: string) => (bench.ledger.users.get(name)?.cohorts.size ?? 0) > 0
const outs = (user: string) => bench.ledger.userOf(user).events.map(({ name }) => name)
const planOf = (user: string) => bench.ledger.userOf(user).attributes.get('plan')

describe('a membership that nearly everybody leaves', () => {
  it('is held alone, over a restart, and delivered whole when that is allowed', async () => {
    await bench.streaming(
      async ({ stream, taken, settled }) => {
        await taken()
        bench.source.add(names.map((name) => vip(name, true, 1)))
        await settled()

        bench.source.add(leaving.map((name) => vip(name, false, 2)))
        await taken()
        await until(() => stream.status().frozen[0]?.held === LEAVE)
        bench.source.add([plan('u0', 'pro', 3), plan('u10199', 'pro', 3), vip('u10198', false, 3)])
        await taken()
        await until(() => planOf('u0') === 'pro' && planOf('u10199') === 'pro')
        expect(stream.status().frozen[0]?.held).toBe(LEAVE + 1)
        expect(names.every(isMember)).toBe(true)
      },
      { guards },
    )
    await bench.streaming(
      async ({ stream, taken, settled }) => {
        await taken()
        bench.source.add([plan('u1', 'pro', 4), vip('u2', true, 4), vip('late', true, 4)])
        await taken()
        await until(() => planOf('u1') === 'pro' && isMember('late'))
        expect(stream.status().frozen[0]?.held).toBe(LEAVE + 1)
        expect(names.every(isMember)).toBe(true)

        // All that is allowed would be on its way at once, were it not held back.
        const { send } = bench.ledger
        bench.ledger.send = async (request) => {
          if (request.path === '/track') await sleep(2000)
          return await send.call(bench.ledger, request)
        }
        await allow(bench, `removals=${VIP}`)
        await until(() => {
          expect(stream.status().reason).toBe(null)
          return stream.status().heldUsers < LEAVE / 2
        })
        bench.ledger.send = send
        await settled()
        expect(names.filter(isMember)).toHaveLength(MEMBERS - LEAVE)
        expect(isMember('u2')).toBe(true)
        expect(outs('u0')).toEqual(['In', 'Out'])
        expect(outs('u2')).toEqual(['In', 'Out', 'In'])
        expect(outs('u10198')).toEqual(['In', 'Out'])
        expect(
          leaving.every((name) => outs(name).filter((each) => each === 'Out').length === 1),
        ).toBe(true)
      },
      { guards, lateMs: 5 },
    )
  })
})

describe('a destination that is slow for more users than may wait', () => {
  it('has the stream wait with them, and go on as answers come', async () => {
    bench.source = new GrowingSource(2000)
    const { send } = bench.ledger
    const answers = Promise.withResolvers<void>()
    bench.ledger.send = async (request) => {
      await answers.promise
      return await send.call(bench.ledger, request)
    }
    const reasons = new Set<unknown>()
    await bench.streaming(
      async ({ stream, taken, settled }) => {
        await taken()
        const looking = setInterval(() => reasons.add(stream.status().reason?.code), 5)
        bench.source.add(names.map((name) => plan(name, 'pro', 1)))
        await until(() => stream.status().heldUsers >= 4000)
        await sleep(2000)
        answers.resolve()
        await settled()
        clearInterval(looking)
      },
      { lateMs: 5, maxWindowRecords: 2000 },
    )
    expect([...reasons]).toEqual([undefined])
    expect(names.every((name) => planOf(name) === 'pro')).toBe(true)
    expect(bench.ledger.dataPoints).toBe(MEMBERS)
  })
})
