import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { run } from '../../../src/engine/index.ts'
import { compile, NOW } from '../harness.ts'
import type { TestEvent } from '../harness.ts'
import { allow, FEW_LEAVE, plan, vip } from './members.ts'
import { StreamBench, until } from './stream-bench.ts'

const SHOP = `traits:
  plan: plan
audiences:
  vip: { attribute: vip, event: { entered: In, exited: Out }, cohort: VIPs }
`

const VIP = 'shop:audiences.vip'
const names = Array.from({ length: 10 }, (_, number) => `u${number}`)

let bench: StreamBench

beforeEach(() => {
  bench = new StreamBench({ shop: SHOP })
})

afterEach(() => bench.close())

const guards = { ...FEW_LEAVE, maxAdditions: 0.5 } as const

const members = () => names.filter((name) => (bench.ledger.users.get(name)?.cohorts.size ?? 0) > 0)
const outs = (user: string) => bench.ledger.userOf(user).events.map(({ name }) => name)

describe('guards of a stream', () => {
  it('freeze a membership that shrinks too far, alone, until that is allowed', async () => {
    await bench.streaming(
      async ({ stream, taken, settled }) => {
        await taken()
        bench.source.add(names.map((name) => vip(name, true, 1)))
        await settled()
        bench.source.add([vip('u0', false, 2), vip('u1', false, 2)])
        await settled()
        expect(members()).toHaveLength(8)

        bench.source.add([vip('u2', false, 3), plan('u3', 'pro', 3)])
        await taken()
        await until(() => stream.status().frozen.length === 1)
        expect(stream.status().frozen).toEqual([
          { mapping: VIP, guard: 'removals', sinceMs: NOW, held: 1, allow: `removals=${VIP}` },
        ])
        bench.source.add([vip('u2', true, 4), vip('u2', false, 5), vip('new', true, 4)])
        await taken()
        await until(() => bench.ledger.userOf('new').cohorts.size === 1)
        expect(members()).toHaveLength(8)
        expect(bench.ledger.userOf('u3').attributes.get('plan')).toBe('pro')

        await allow(bench, `removals=${VIP}`)
        await settled()
        expect(members()).toHaveLength(7)
        expect(outs('u2')).toEqual(['In', 'Out', 'In', 'Out'])
        expect(stream.status().frozen).toEqual([])
      },
      { guards },
    )
  })

  it('hold that membership alone: the rest of its users goes on, and filters see what came', async () => {
    bench.syncs = compile({
      shop: `${SHOP}segments: { lost: { when: { not: { audience: vip, equals: true } }, cohort: Lost } }\n`,
    })
    const cohorts = (user: string) => [...(bench.ledger.users.get(user)?.cohorts ?? [])].toSorted()
    await bench.streaming(
      async ({ stream, taken, settled }) => {
        await taken()
        bench.source.add(names.map((name) => vip(name, true, 1)))
        await settled()
        bench.source.add([vip('u0', false, 2), vip('u1', false, 2), vip('u2', false, 2)])
        await taken()
        await until(() => stream.status().frozen.length === 1)
        expect(stream.status().frozen).toMatchObject([{ held: 3 }])

        bench.source.add([plan('u2', 'pro', 3)])
        await taken()
        await until(() => bench.ledger.userOf('u2').attributes.get('plan') === 'pro')
        expect(cohorts('u2')).toEqual(['engage-sync:shop:lost', 'engage-sync:shop:vip'])
        expect(outs('u2')).toEqual(['In'])

        bench.source.add([vip('u2', true, 4)])
        await taken()
        await until(() => cohorts('u2').length === 1)
        expect(cohorts('u2')).toEqual(['engage-sync:shop:vip'])
        await allow(bench, `removals=${VIP}`)
        await settled()
        expect(outs('u2')).toEqual(['In', 'Out', 'In'])
        expect(cohorts('u0')).toEqual(['engage-sync:shop:lost'])
      },
      { guards: { ...guards, maxAdditions: 1 } },
    )
  })

  it('hold over a restart, budgets and what is frozen', async () => {
    await bench.streaming(
      async ({ taken, settled }) => {
        await taken()
        bench.source.add(names.map((name) => vip(name, true, 1)))
        await settled()
        bench.source.add([vip('u0', false, 2)])
        await settled()
      },
      { guards },
    )
    await bench.streaming(
      async ({ stream, taken }) => {
        await taken()
        bench.source.add([vip('u1', false, 3), vip('u2', false, 3)])
        await taken()
        await until(() => stream.status().frozen.length === 1)
      },
      { guards },
    )

    await bench.streaming(
      async ({ stream, taken }) => {
        await taken()
        bench.source.add([plan('u9', 'pro', 4)])
        await taken()
        expect(stream.status().frozen).toMatchObject([{ held: 2 }])
        expect(members()).toHaveLength(9)
      },
      { guards },
    )
  })

  it('are kept by an ordinary run, too, unless it allows them', async () => {
    await bench.streaming(
      async ({ stream, taken, settled }) => {
        await taken()
        bench.source.add(names.map((name) => vip(name, true, 1)))
        await settled()
        bench.source.add(names.slice(0, 3).map((name) => vip(name, false, 2)))
        await taken()
        await until(() => stream.status().frozen.length === 1)
      },
      { guards },
    )
    bench.source.add([plan('u0', 'pro', 3), vip('u0', true, 3), vip('u0', false, 4)])
    const { report } = await bench.withStore((store) => run(bench.streamOptions(store, { guards })))
    expect(report).toMatchObject({ status: 'done', records: { read: 1, changed: 1 } })
    expect(members()).toHaveLength(10)
    expect(bench.ledger.userOf('u0').attributes.get('plan')).toBe('pro')

    const allowed = { guards: { ...guards, maxRemovals: 1 }, allow: [`removals=${VIP}`] }
    await bench.withStore((store) => run(bench.streamOptions(store, allowed)))
    expect(members()).toHaveLength(7)
    expect(outs('u0')).toEqual(['In', 'Out', 'In', 'Out'])
    await bench.streaming(async ({ settled }) => await settled(), { guards })
  })

  it('hold everything for data points, until that is allowed', async () => {
    await bench.streaming(
      async ({ stream, taken, settled }) => {
        await taken()
        bench.source.add([plan('u1', 'pro', 1), plan('u2', 'pro', 1)])
        await settled()
        bench.source.add([plan('u3', 'pro', 2), plan('u4', 'pro', 2)])
        await until(() => stream.status().state === 'waiting')
        expect(stream.status().reason).toMatchObject({ code: 'GUARD_STOPPED' })
        expect(bench.ledger.dataPoints).toBe(2)

        await allow(bench, 'data_points')
        await settled()
        expect(bench.ledger.dataPoints).toBe(4)
      },
      { guards: { ...guards, maxDataPoints: 3 } },
    )
  })

  it('hold everything where too much is rejected within an hour, until that is allowed', async () => {
    bench.syncs = compile({ shop: `traits: { worth: { attribute: worth, type: number } }\n` })
    const worth = (user: string, value: unknown, at: number): TestEvent => ({
      user,
      at: NOW + at,
      trait: 'worth',
      value,
    })
    await bench.streaming(
      async ({ stream, taken, settled }) => {
        await taken()
        bench.source.add(names.map((name) => worth(name, 1, 1)))
        await settled()
        bench.source.add(names.map((name) => worth(name, 'much', 2)))
        await taken()
        expect(stream.status().records.rejected).toBe(10)
        bench.source.add([worth('u0', 'more', 3), worth('u1', 3, 3)])
        await until(() => stream.status().state === 'waiting')
        expect(stream.status().reason).toMatchObject({
          code: 'GUARD_STOPPED',
          message: '11 of 22 values of an hour cannot be used; max_rejected allows 5',
        })
        expect(bench.ledger.userOf('u1').attributes.get('worth')).toBe(1)

        await allow(bench, 'rejected')
        await settled()
        expect(bench.ledger.userOf('u1').attributes.get('worth')).toBe(3)
      },
      { guards: { ...guards, maxRejected: 0.25 } },
    )
  })

  it('hold everything where too many are to be forgotten, until that is allowed', async () => {
    const forget = (user: string): TestEvent => ({ user, at: NOW + 2, forget: true })
    await bench.streaming(
      async ({ stream, taken, settled }) => {
        await taken()
        bench.source.add(names.map((name) => plan(name, 'pro', 1)))
        await settled()
        bench.source.add([forget('u0'), forget('u1')])
        await settled()
        bench.source.add([forget('u2')])
        await until(() => stream.status().state === 'waiting')
        expect(stream.status().reason).toMatchObject({ code: 'GUARD_STOPPED' })

        await allow(bench, 'deletions')
        await settled()
        expect(stream.status().records.read).toBe(13)
      },
      { guards, onDelete: new Map([['shop', 'forget']]) },
    )
  })

  it('judge the catching up of a start, too, by the same hour', async () => {
    await bench.streaming(
      async ({ taken, settled }) => {
        await taken()
        bench.source.add(names.map((name) => vip(name, true, 1)))
        await settled()
        bench.source.add([vip('u0', false, 2), vip('u1', false, 2)])
        await settled()
      },
      { guards, lateMs: 0 },
    )
    bench.syncs = compile({ shop: SHOP.replace('plan: plan', 'plan: tariff') })
    bench.source.add([vip('u2', false, 3)])
    await bench.streaming(
      async ({ stream, settled }) => {
        await until(() => stream.status().state === 'waiting')
        expect(stream.status().reason).toMatchObject({
          code: 'GUARD_STOPPED',
          hint: `Everything waits, and nothing is lost. If it is meant: engage-sync allow removals=${VIP} --env local`,
        })
        expect(members()).toHaveLength(8)

        await allow(bench, 'removals=*')
        await settled()
        expect(members()).toHaveLength(7)
      },
      { guards, lateMs: 0 },
    )
  })
})
