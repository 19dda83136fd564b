import { afterEach, describe, expect, it } from 'vitest'
import { repairOf, REREAD, RESEND, resendOf, someUsers } from '../../../src/engine/index.ts'
import { Bench, compile, NOW } from '../harness.ts'
import type { TestEvent } from '../harness.ts'

const SHOP = `traits:
  plan: plan
  list: { attribute: list, type: array, array: update }
  cart: { attribute: cart, type: array, id: sku }
audiences:
  vip: { attribute: { name: flags, element: vip }, cohort: VIPs }
  left: { attribute: left, on_exit: unset, cohort: Left }
segments:
  pro: { when: { trait: plan, equals: pro }, attribute: pro, cohort: Pros }
`

let bench: Bench
afterEach(() => bench.close())

function trait(key: string, value: unknown, at = NOW - 10): TestEvent {
  return { user: 'u1', at, trait: key, value }
}

function audience(key: string, value: boolean, at = NOW - 10): TestEvent {
  return { user: 'u1', at, audience: key, value }
}

function held(): {
  readonly attributes: Record<string, unknown>
  readonly cohorts: readonly string[]
} {
  const { attributes, cohorts } = bench.ledger.userOf('u1')
  return { attributes: Object.fromEntries(attributes), cohorts: [...cohorts].sort() }
}

describe('a run that sends everything again', () => {
  it('tells exits and nulls that came meanwhile, too', async () => {
    bench = new Bench({ shop: SHOP })
    bench.records = [trait('plan', 'pro'), audience('vip', true), audience('left', true)]
    await bench.run()
    bench.records.push(
      trait('plan', null, NOW - 5),
      audience('vip', false, NOW - 5),
      audience('left', false, NOW - 5),
    )

    const { report } = await bench.run({ kind: RESEND })

    expect(held()).toEqual({ attributes: { flags: { remove: ['vip'] }, pro: false }, cohorts: [] })
    expect(report.braze).toMatchObject({ cohort_adds: 0, cohort_removals: 3 })
  })

  it('takes out of a segment that changed whom it no longer takes in', async () => {
    bench = new Bench({ shop: SHOP })
    bench.records = [trait('plan', 'pro')]
    await bench.run()
    bench.syncs = compile({ shop: SHOP.replace('equals: pro', 'equals: free') })

    await bench.run({ kind: RESEND })

    expect(held()).toEqual({ attributes: { plan: 'pro', pro: false }, cohorts: [] })
  })

  it('brings back all that was lost, arrays whole', async () => {
    bench = new Bench({ shop: SHOP })
    bench.records = [
      trait('plan', 'pro'),
      trait('list', ['a', 'b']),
      trait('cart', [{ sku: 1 }]),
      audience('vip', true),
    ]
    await bench.run()
    const before = held()
    bench.ledger.users.clear()

    const planned = await bench.plan({ kind: RESEND })
    const { report } = await bench.run({ kind: RESEND })

    expect(held()).toEqual(before)
    expect(planned.summary).toMatchObject({
      attributes: report.braze.attributes,
      cohortAdds: report.braze.cohort_adds,
    })
    expect((await bench.run({ kind: REREAD })).report.braze.requests).toBe(0)
  })

  it('says nothing of what is not there', async () => {
    bench = new Bench({ shop: SHOP })
    bench.records = [trait('plan', 'free'), audience('vip', false), audience('left', true)]
    await bench.run()
    bench.records.push(audience('left', false, NOW - 5), trait('list', null))
    await bench.run()

    const { report } = await bench.run({ kind: RESEND })

    expect(report.braze).toMatchObject({ attributes: 1, cohort_adds: 0, cohort_removals: 0 })
  })

  it('says it where it is to repair', async () => {
    bench = new Bench({ shop: SHOP })
    bench.records = [trait('plan', 'pro'), audience('vip', true), audience('left', true)]
    await bench.run()
    bench.records.push(
      trait('plan', 'free', NOW - 5),
      audience('vip', false, NOW - 5),
      audience('left', false, NOW - 5),
    )
    await bench.run()
    const before = held()
    bench.ledger.userOf('u1').attributes.set('left', true)
    for (const cohort of bench.ledger.cohorts.keys()) bench.ledger.userOf('u1').cohorts.add(cohort)

    await bench.run({ kind: repairOf(new Set(['u1'])) })

    expect(held()).toEqual(before)
  })

  it('tells only whom it works on', async () => {
    bench = new Bench({ shop: SHOP })
    bench.records = ['u1', 'u2'].map((user) => ({ ...trait('plan', 'pro'), user }))
    await bench.run()

    const { report } = await bench.run({ kind: someUsers(new Set(['u1']), RESEND) })

    expect(report.braze).toMatchObject({ attributes: 2, cohort_adds: 1 })
  })

  it('sends one mapping alone again, where that is asked for, and all that is new', async () => {
    bench = new Bench({ shop: SHOP })
    bench.records = [trait('plan', 'pro'), trait('list', ['a']), audience('vip', true)]
    await bench.run()
    bench.ledger.users.clear()
    bench.records.push(trait('list', ['a'], NOW - 5), audience('left', true, NOW - 5))

    const kind = resendOf(new Set(['shop:traits.plan', 'shop:segments.pro']))
    const planned = await bench.plan({ kind })
    const { report } = await bench.run({ kind })

    expect(held()).toEqual({
      attributes: { plan: 'pro', pro: true, left: true },
      cohorts: ['engage-sync:shop:left', 'engage-sync:shop:pro'],
    })
    expect(report.braze.attributes).toBe(planned.summary.attributes)
    expect((await bench.run({ kind: REREAD })).report.braze.requests).toBe(0)
  })

  it('is guarded by who comes and goes, not by who is told again', async () => {
    bench = new Bench({ shop: 'audiences:\n  vip: { attribute: vip, cohort: VIPs }\n' })
    const says = (value: boolean, at: number) =>
      Array.from({ length: 1100 }, (_, n) => ({ user: `u${n}`, at, audience: 'vip', value }))
    bench.records = says(true, NOW - 10)
    await bench.run()

    const again = await bench.run({ kind: RESEND })
    bench.records = [...bench.records, ...says(false, NOW - 5)]
    const emptied = await bench.run({ kind: RESEND })

    expect(again).toMatchObject({ stops: [], report: { braze: { cohort_adds: 1100 } } })
    expect(emptied.stops).toMatchObject([{ guard: 'removals', planned: 1100 }])
  })
})
