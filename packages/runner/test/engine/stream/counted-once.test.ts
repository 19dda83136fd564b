import { afterEach, beforeEach, expect, it } from 'vitest'
import { NOW } from '../harness.ts'
import { allow, FEW_LEAVE, plan, vip } from './members.ts'
import { StreamBench, until } from './stream-bench.ts'

const SHOP = `traits:
  plan: plan
  age: { attribute: age, type: number }
audiences:
  vip: { attribute: vip, cohort: VIPs }
`
const names = Array.from({ length: 10 }, (_, number) => `u${number}`)

let bench: StreamBench

beforeEach(() => {
  bench = new StreamBench({ shop: SHOP })
})

afterEach(() => bench.close())

const guards = { ...FEW_LEAVE, maxRejected: 0.1 } as const

const planOf = (user: string) => bench.ledger.users.get(user)?.attributes.get('plan')

it('counts a record of a user who is tried again and again once, with what it rejects', async () => {
  const failing = new Set(['u0', 'u1'])
  bench.ledger.fails = (user) => failing.has(user)
  await bench.streaming(
    async ({ stream, taken, settled, stop }) => {
      await taken()
      bench.source.add(names.slice(2).map((name) => plan(name, 'pro', 1)))
      await settled()
      const before = bench.ledger.requests
      const age = { user: 'u1', at: NOW + 1, trait: 'age', value: 'old' }
      bench.source.add([plan('u0', 'pro', 1), plan('u1', 'pro', 1), age])
      await taken()
      // Each try reads the value that is rejected once more: more of them than any share allows.
      await until(() => bench.ledger.requests >= before + 20)
      bench.source.add([plan('u0', 'max', 2)])
      await taken()
      failing.clear()
      await settled()
      expect(planOf('u0')).toBe('max')
      expect(planOf('u1')).toBe('pro')

      const { read } = stream.status().records
      expect(read).toBe(bench.source.texts.length)
      const { report } = await stop()
      expect(report?.records.read).toBe(bench.source.texts.length)
      expect(report?.syncs[0]?.records.read).toBe(bench.source.texts.length)
      expect(report?.values).toMatchObject({ read: 12, rejected: 1 })
      expect(report?.rejected).toEqual({ count: 1, of: 12 })
      expect(report?.braze.pending).toBe(0)
    },
    { guards },
  )
})

it('counts records of a membership that is frozen once', async () => {
  const failing = new Set<string>()
  bench.ledger.fails = (user) => failing.has(user)
  await bench.streaming(
    async ({ stream, taken, settled, stop }) => {
      await taken()
      bench.source.add(names.map((name) => vip(name, true, 1)))
      await settled()
      bench.source.add(names.slice(0, 5).map((name) => vip(name, false, 2)))
      await taken()
      await until(() => stream.status().frozen.length === 1)
      bench.source.add([vip('u0', true, 3), vip('u0', false, 4), plan('u0', 'pro', 4)])
      await taken()
      await until(() => planOf('u0') === 'pro')
      // All that waits of a user is folded once more, where something else of the user failed.
      failing.add('u0')
      const before = bench.ledger.requests
      bench.source.add([plan('u0', 'max', 5)])
      await until(() => bench.ledger.requests >= before + 3)
      failing.clear()
      await until(() => planOf('u0') === 'max')
      await allow(bench, 'removals=shop:audiences.vip')
      await settled()
      expect([...bench.ledger.userOf('u0').cohorts]).toEqual([])

      const { read } = stream.status().records
      expect(read).toBe(bench.source.texts.length)
      const { report } = await stop()
      expect(report?.syncs[0]?.records.read).toBe(read)
      expect(report?.values.read).toBe(read)
    },
    { guards },
  )
})
