import { afterEach, describe, expect, it } from 'vitest'
import { REREAD } from '../../../src/engine/index.ts'
import { Bench, compile, NOW } from '../harness.ts'
import type { TestEvent } from '../harness.ts'

const DAY = 86_400_000
let bench: Bench
afterEach(() => bench.close())

const attributesOf = (user: string) => Object.fromEntries(bench.ledger.userOf(user).attributes)

describe('births and backfill', () => {
  it('sends what is new of a mapping that was added, and of its history one event', async () => {
    bench = new Bench({ shop: 'traits:\n  plan: plan\n' })
    bench.records = [
      { user: 'u1', at: NOW - 9, trait: 'plan', value: 'pro' },
      { user: 'u1', at: NOW - 8, trait: 'worth', value: 1 },
      { user: 'u1', at: NOW - 7, trait: 'worth', value: 2 },
    ]
    await bench.run()
    bench.syncs = compile({
      shop: 'traits:\n  plan: plan\n  worth: { attribute: worth, event: Worth }\n',
    })
    bench.nowMs += DAY

    const { report, changes } = await bench.run()

    expect(changes.added).toEqual(['shop:traits.worth'])
    expect(report.braze).toMatchObject({ attributes: 1, events: 1 })
    expect(attributesOf('u1')).toEqual({ plan: 'pro', worth: 2 })
  })

  it('does not read history again for a mapping without backfill', async () => {
    bench = new Bench({ shop: 'traits:\n  plan: plan\n' })
    bench.records = [
      { user: 'u1', at: NOW - 9, trait: 'plan', value: 'pro' },
      { user: 'u1', at: NOW - 8, trait: 'worth', value: 1 },
    ]
    await bench.run()
    bench.syncs = compile({
      shop: 'traits:\n  plan: plan\n  worth: { attribute: worth, backfill: false }\n',
    })

    const { report } = await bench.run()

    expect(report.records.read).toBe(0)
    expect(attributesOf('u1')).toEqual({ plan: 'pro' })
  })

  it('sends one event of history for an event added to an older mapping', async () => {
    bench = new Bench({ shop: 'traits:\n  worth: worth\n' })
    bench.nowMs = NOW - DAY
    await bench.run()
    bench.nowMs = NOW
    bench.records = [1, 2, 3].map((value) => ({
      user: 'u1',
      at: NOW - 10 + value,
      trait: 'worth',
      value,
    }))
    await bench.run()
    bench.syncs = compile({ shop: 'traits:\n  worth: { attribute: worth, event: Worth }\n' })
    bench.nowMs = NOW + DAY

    const { report } = await bench.run()

    expect(report.braze).toMatchObject({ attributes: 0, events: 1 })
  })

  it('still sends history when the first run with a mapping was stopped', async () => {
    bench = new Bench({ shop: 'traits:\n  plan: plan\n' })
    bench.records = [
      { user: 'u1', at: NOW - 9, trait: 'plan', value: 'pro' },
      { user: 'u1', at: NOW - 8, trait: 'worth', value: 1 },
    ]
    await bench.run()
    bench.syncs = compile({ shop: 'traits:\n  plan: plan\n  worth: worth\n' })
    bench.ledger.fate = () => 'failed'
    await bench.run()
    bench.ledger.fate = () => 'ok'

    await bench.run()

    expect(attributesOf('u1')).toEqual({ plan: 'pro', worth: 1 })
  })
})

describe('changed mappings', () => {
  it('sends again what its new meaning changes, and nothing else', async () => {
    bench = new Bench({ shop: 'traits:\n  worth: worth\n' })
    bench.records = [
      { user: 'u1', at: NOW - 9, trait: 'worth', value: '7' },
      { user: 'u2', at: NOW - 9, trait: 'worth', value: 8 },
    ]
    await bench.run()
    bench.syncs = compile({ shop: 'traits:\n  worth: { attribute: worth, type: number }\n' })

    const { report, changes } = await bench.run()

    expect(changes.changed).toEqual(['shop:traits.worth'])
    expect(report.braze.attributes).toBe(1)
    expect(attributesOf('u1')).toEqual({ worth: 7 })
  })

  it('tries a value again that the mapping could not take before', async () => {
    bench = new Bench({ shop: 'traits:\n  worth: { attribute: worth, type: number }\n' })
    bench.records = [{ user: 'u1', at: NOW - 9, trait: 'worth', value: 'many' }]
    const first = await bench.run()
    bench.syncs = compile({ shop: 'traits:\n  worth: { attribute: worth, type: string }\n' })

    await bench.run()

    expect(first.report).toMatchObject({
      status: 'partial',
      dead_letters: 1,
      records: { rejected: 1 },
    })
    expect(attributesOf('u1')).toEqual({ worth: 'many' })
  })

  it('brings the members of a changed segment in line', async () => {
    bench = new Bench({
      shop: 'segments:\n  rich: { when: { trait: worth, more_than: 5 }, cohort: Rich }\n',
    })
    bench.records = [3, 6, 9].map((value, index) => ({
      user: `u${index}`,
      at: NOW - 9,
      trait: 'worth',
      value,
    }))
    for (const name of ['u0', 'u1', 'u2']) bench.ledger.userOf(name)
    await bench.run()
    bench.syncs = compile({
      shop: 'segments:\n  rich: { when: { trait: worth, less_than: 7 }, cohort: Less rich }\n',
    })

    await bench.run()

    const members = [...bench.ledger.users]
      .filter(([, { cohorts }]) => cohorts.size > 0)
      .map(([name]) => name)
    expect(members.sort()).toEqual(['u0', 'u1'])
    expect(bench.ledger.cohorts.get('engage-sync:shop:rich')).toBe('Less rich')
  })

  it.each([
    ['false', 'unset', null],
    ['unset', 'false', false],
  ])(
    'says again who left a segment when on_exit turns from %s to %s',
    async (before, after, said) => {
      const sync = (onExit: string) =>
        `traits:\n  worth: { attribute: worth, type: number }\nsegments:\n  rich: { when: { trait: worth, more_than: 5 }, attribute: rich, on_exit: ${onExit} }\n`
      bench = new Bench({ shop: sync(before) })
      const worth = (user: string, value: number, at: number): TestEvent => ({
        user,
        at,
        trait: 'worth',
        value,
      })
      bench.records = [
        worth('left', 9, NOW - 10),
        worth('never', 1, NOW - 10),
        worth('stays', 9, NOW - 10),
      ]
      await bench.run()
      bench.records.push(worth('left', 1, NOW - 5))
      await bench.run()
      bench.syncs = compile({ shop: sync(after) })

      const { report } = await bench.run()

      expect(report.braze.attributes).toBe(1)
      expect(bench.ledger.userOf('left').attributes.get('rich') ?? null).toBe(said)
      expect((await bench.run({ kind: REREAD })).report.braze.requests).toBe(0)
    },
  )
})

describe('moved, retired and orphaned mappings', () => {
  it('keeps what was delivered, and the cohort, of a mapping that moved', async () => {
    bench = new Bench({ shop: 'audiences:\n  vip: { attribute: vip, cohort: VIPs }\n' })
    bench.records = [
      { user: 'u1', at: NOW - 9, audience: 'vip', value: true },
      { user: 'u1', at: NOW - 9, audience: 'gold', value: true },
    ]
    await bench.run()
    bench.syncs = compile({
      shop: 'audiences:\n  gold: { attribute: vip, cohort: Gold }\nmoved: [{ from: audiences.vip, to: audiences.gold }]\n',
    })

    const { report, changes } = await bench.run()
    const again = await bench.run()

    expect(changes.moved).toEqual([{ from: 'shop:audiences.vip', to: 'shop:audiences.gold' }])
    expect(report.braze).toMatchObject({ attributes: 0, cohort_adds: 0 })
    expect([...bench.ledger.cohorts]).toEqual([['engage-sync:shop:vip', 'Gold']])
    expect(again.changes).toMatchObject({ added: [], changed: [], moved: [], orphaned: [] })
  })

  it('unsets a retired attribute once, for those who have it', async () => {
    bench = new Bench({ shop: 'traits:\n  plan: plan\n  worth: worth\n' })
    bench.records = [
      { user: 'u1', at: NOW - 9, trait: 'worth', value: 1 },
      { user: 'u2', at: NOW - 9, trait: 'plan', value: 'pro' },
    ]
    await bench.run()
    bench.syncs = compile({
      shop: 'traits:\n  plan: plan\nretire: [{ attribute: worth, by: unset }]\n',
    })

    const plan = await bench.plan()
    const first = await bench.run()
    const again = await bench.run()

    expect(plan.changes.retired).toEqual(['shop:traits.worth'])
    expect(plan.summary.kinds.destructive).toBe(1)
    expect(first.report.braze.attributes).toBe(1)
    expect(attributesOf('u1')).toEqual({})
    expect(attributesOf('u2')).toEqual({ plan: 'pro' })
    expect(again.report.braze.requests).toBe(0)
  })

  it('brings an orphan that comes back in line with what it missed', async () => {
    const both = 'traits:\n  plan: plan\n  worth: worth\n'
    bench = new Bench({ shop: both })
    bench.records = [{ user: 'u1', at: NOW - 9, trait: 'worth', value: 1 }]
    await bench.run()
    bench.syncs = compile({ shop: 'traits:\n  plan: plan\n' })
    bench.records.push({ user: 'u1', at: NOW - 8, trait: 'worth', value: 2 })
    await bench.run()
    bench.syncs = compile({ shop: both })

    const back = await bench.run()
    const again = await bench.run()

    expect(back.changes).toMatchObject({ added: [], changed: ['shop:traits.worth'], orphaned: [] })
    expect(back.report.braze.attributes).toBe(1)
    expect(attributesOf('u1')).toEqual({ worth: 2 })
    expect(again.report.records.read).toBe(0)
  })

  it('lists an orphan in every plan, and leaves its values alone', async () => {
    bench = new Bench({ shop: 'traits:\n  plan: plan\n  worth: worth\n' })
    bench.records = [{ user: 'u1', at: NOW - 9, trait: 'worth', value: 1 }]
    await bench.run()
    bench.syncs = compile({ shop: 'traits:\n  plan: plan\n' })
    await bench.run()

    const { changes } = await bench.plan()

    expect(changes.orphaned).toMatchObject([
      { id: 'shop:traits.worth', about: { attribute: 'worth' } },
    ])
    expect(attributesOf('u1')).toEqual({ worth: 1 })
  })

  it('lists what a deleted sync leaves in Braze, and nothing of one that is left out', async () => {
    bench = new Bench({
      shop: 'traits:\n  plan: plan\n',
      club: 'traits:\n  worth: worth\naudiences:\n  vip: { attribute: vip, cohort: VIPs }\n',
    })
    bench.records = [
      { user: 'u1', at: NOW - 9, trait: 'worth', value: 1 },
      { user: 'u1', at: NOW - 8, audience: 'vip', value: true },
    ]
    await bench.run()
    bench.syncs = compile({ shop: 'traits:\n  plan: plan\n' })

    const leftOut = await bench.plan({ configured: ['shop', 'club'] })
    await bench.run({ configured: ['shop'] })
    const deleted = await bench.plan({ configured: ['shop'] })

    expect(leftOut).toMatchObject({ changes: { orphaned: [] }, left: [] })
    expect(deleted.changes.orphaned.map(({ id }) => id)).toEqual([
      'club:audiences.vip',
      'club:traits.worth',
    ])
    expect(deleted.left).toMatchObject([
      { mapping: 'club:traits.worth', name: 'worth', users: 1 },
      { mapping: 'club:audiences.vip', name: 'vip', users: 1 },
      { mapping: 'club:audiences.vip', kind: 'cohort', name: 'VIPs', users: 1 },
    ])
    expect(attributesOf('u1')).toEqual({ worth: 1, vip: true })
  })
})
