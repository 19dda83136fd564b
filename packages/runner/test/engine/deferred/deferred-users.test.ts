import { afterEach, describe, expect, it } from 'vitest'
import type { DeadLetter } from '@engage-sync/core'
import { inspectUser, someSyncs, someUsers } from '../../../src/engine/index.ts'
import { Bench, compile, NOW } from '../harness.ts'
import type { TestEvent } from '../harness.ts'

const DAY = 86_400_000
const SHOP = {
  shop: `traits:
  plan: plan
  worth: { attribute: worth, type: number, event: Worth }
audiences:
  vip: { attribute: vip, cohort: VIPs }
`,
}

let bench: Bench
afterEach(() => bench.close())

const attributesOf = (user: string) => Object.fromEntries(bench.ledger.userOf(user).attributes)
const worthsOf = (user: string) =>
  bench.ledger
    .userOf(user)
    .events.map(({ properties }) => (properties as { readonly worth: number }).worth)
const plan = (user: string, value: unknown, at: number): TestEvent => ({
  user,
  at,
  trait: 'plan',
  value,
})
const worth = (user: string, value: unknown, at: number): TestEvent => ({
  user,
  at,
  trait: 'worth',
  value,
})
const vip = (user: string, value: boolean, at: number): TestEvent => ({
  user,
  at,
  audience: 'vip',
  value,
})
const waiting = (): Promise<readonly DeadLetter[]> =>
  bench.withStore((store) => store.deadLetters({ code: 'PENDING_USER', limit: 1e6 }))
const failing = (...users: readonly string[]) =>
  (bench.ledger.fails = (user) => users.includes(user))

/** A bench whose mappings were born a day ago, so that what comes is no history. */
async function bornBench(syncs: Readonly<Record<string, string>>): Promise<Bench> {
  const born = new Bench(syncs)
  born.nowMs = NOW - DAY
  await born.run()
  born.nowMs = NOW
  return born
}

describe('a user who always fails', () => {
  it('is tried again by each run, while the source goes on for everybody else', async () => {
    bench = await bornBench(SHOP)
    failing('u1')
    bench.records = [
      plan('u1', 'free', NOW - 90),
      worth('u1', 1, NOW - 89),
      ...Array.from({ length: 9 }, (_, n) => plan(`v${n}`, 'pro', NOW - 88)),
    ]
    const first = await bench.run()
    bench.records.push(worth('u1', 2, NOW - 70), plan('v0', 'free', NOW - 70))
    const second = await bench.run()
    bench.ledger.fails = () => false
    bench.records.push(plan('u1', 'pro', NOW - 60), plan('u1', 'old', NOW - 95))
    const third = await bench.run()
    const calm = await bench.run()

    expect(first.report).toMatchObject({
      status: 'partial',
      records: { read: 11 },
      braze: { attributes: 9, pending: 3 },
    })
    expect(first.report.reasons).toContainEqual(
      expect.objectContaining({ code: 'PENDING_USER', count: 1 }),
    )
    expect(second.report).toMatchObject({
      status: 'partial',
      records: { read: 4 },
      braze: { attributes: 1, pending: 4 },
    })
    expect(third.report).toMatchObject({
      status: 'done',
      records: { read: 5 },
      braze: { attributes: 2, events: 2, pending: 0 },
    })
    expect(calm.report).toMatchObject({ status: 'done', records: { read: 0 } })
    expect(attributesOf('u1')).toEqual({ plan: 'pro', worth: 2 })
    expect(worthsOf('u1')).toEqual([1, 2])
    expect(await waiting()).toEqual([])
  })

  it('waits as dead letters that never expire, and keeps what it holds apart from others', async () => {
    bench = await bornBench(SHOP)
    failing('u1')
    bench.records = [plan('u1', 'free', NOW - 90), plan('u2', 'pro', NOW - 88)]

    await bench.run()
    bench.nowMs = NOW + 400 * DAY
    await bench.run({ kind: someUsers(new Set(['u2'])) })
    const letters = await waiting()

    expect(letters).toMatchObject([{ stage: 'waiting', place: 'engage', subject: { user: 'u1' } }])
    expect(JSON.stringify(letters)).not.toContain('u2')
    await bench.withStore(async (store) => {
      expect(await inspectUser({ store, syncs: bench.syncs, nowMs: NOW }, 'u1')).toMatchObject([
        { waiting: { records: 1 } },
      ])
    })
  })

  it('is part of the plan, and of the run that does what the plan said', async () => {
    bench = await bornBench(SHOP)
    failing('u1')
    bench.records = [plan('u1', 'free', NOW - 90), worth('u1', 3, NOW - 88)]
    await bench.run()
    bench.ledger.fails = () => false

    const planned = await bench.plan()
    const { report } = await bench.run({ expect: planned.expectation })

    expect(planned.summary).toMatchObject({ attributes: 2, events: 1 })
    expect(report).toMatchObject({ status: 'done', braze: { attributes: 2, events: 1 } })
  })

  it('leaves and joins cohorts once the trouble ends', async () => {
    bench = await bornBench(SHOP)
    bench.records = [
      vip('u1', true, NOW - 90),
      vip('u2', false, NOW - 90),
      plan('u2', 'pro', NOW - 90),
    ]
    await bench.run()
    failing('u1', 'u2')
    bench.records.push(vip('u1', false, NOW - 80), vip('u2', true, NOW - 80))
    await bench.run()
    await bench.run()
    bench.ledger.fails = () => false
    const { report } = await bench.run({ allow: ['removals'] })

    expect(report).toMatchObject({ status: 'done', braze: { cohort_adds: 1, cohort_removals: 1 } })
    expect([
      ...bench.ledger.userOf('u1').cohorts,
      ...bench.ledger.userOf('u2').cohorts,
    ]).toHaveLength(1)
  })

  it('is looked at again though only time changed its segment', async () => {
    const recent =
      'identity: {}\ntraits:\n  seen: { attribute: seen, type: time }\nsegments:\n  recent: { when: { trait: seen, less_than_days_ago: 2 }, cohort: Recent }\n'
    bench = await bornBench({ shop: recent.replace('identity: {}\n', '') })
    bench.records = [
      { user: 'u1', at: NOW - 90, trait: 'seen', value: new Date(NOW - 90).toISOString() },
    ]
    await bench.run()
    const member = bench.ledger.userOf('u1').cohorts.size
    failing('u1')
    bench.nowMs = NOW + 3 * DAY
    const left = await bench.run()
    bench.ledger.fails = () => false
    await bench.run()

    expect([member, left.report.status, bench.ledger.userOf('u1').cohorts.size]).toEqual([
      1,
      'partial',
      0,
    ])
  })

  it('gets what a changed mapping and a new segment make of values it has', async () => {
    const rich = (key: string, more: number) =>
      `  ${key}: { when: { trait: worth, more_than: ${more} }, attribute: ${key} }\n`
    const syncs = (type: string, segments: string) => ({
      shop: `traits:\n  worth: { attribute: worth, type: number }\n  level: { attribute: level, type: ${type} }\nsegments:\n${segments}`,
    })
    bench = await bornBench(syncs('number', rich('rich', 5)))
    const level = (user: string): TestEvent => ({ user, at: NOW - 80, trait: 'level', value: 3 })
    bench.records = [worth('u1', 7, NOW - 90), worth('u2', 7, NOW - 90), level('u1'), level('u2')]
    await bench.run()
    failing('u1')
    bench.syncs = compile(syncs('string', rich('rich', 5) + rich('richer', 6)))
    const first = await bench.run()
    bench.ledger.fails = () => false
    const second = await bench.run()

    expect(first.report).toMatchObject({ status: 'partial', records: { read: 4 } })
    expect(second.report).toMatchObject({ status: 'done', records: { read: 2 } })
    expect(attributesOf('u1')).toEqual({ worth: 7, level: '3', rich: true, richer: true })
    expect(attributesOf('u1')).toEqual(attributesOf('u2'))
  })

  it('is told again what is true where history is read for the mapping of a value in doubt', async () => {
    bench = await bornBench({ shop: 'traits:\n  plan: plan\n' })
    bench.records = [plan('u1', 'free', NOW - 90)]
    await bench.run()
    bench.ledger.fate = () => 'applied'
    bench.records.push(plan('u1', 'pro', NOW - 80), plan('u2', 'pro', NOW - 80))
    const left = await bench.run()
    bench.ledger.fate = () => 'ok'
    bench.syncs = compile({ shop: 'traits:\n  plan: { attribute: plan, event: Plan }\n' })
    bench.records.push(plan('u1', 'free', NOW - 70), plan('u2', null, NOW - 70))
    const { report } = await bench.run()

    expect([left.report.status, report.status]).toEqual(['partial', 'done'])
    expect([attributesOf('u1').plan, attributesOf('u2').plan ?? null]).toEqual(['free', null])
  })

  it('is forgotten with all that waits when Segment asks for it', async () => {
    bench = await bornBench(SHOP)
    failing('u1')
    bench.records = [plan('u1', 'free', NOW - 90)]
    await bench.run()
    bench.records.push({ user: 'u1', at: NOW - 20, forget: true })
    await bench.run({ onDelete: new Map([['shop', 'forget']]) })

    expect(await waiting()).toEqual([])
    expect(bench.ledger.users.has('u1')).toBe(false)
  })

  it('whom Braze does not delete is asked to be deleted again, by each run', async () => {
    bench = await bornBench(SHOP)
    bench.records = [plan('u1', 'free', NOW - 90)]
    await bench.run()
    failing('u1')
    bench.records.push({ user: 'u1', at: NOW - 20, forget: true }, plan('u2', 'pro', NOW - 10))
    const how = { onDelete: new Map([['shop', 'delete']] as const), allow: ['deletions'] }
    const first = await bench.run(how)
    const second = await bench.run(how)
    bench.ledger.fails = () => false
    await bench.run(how)

    expect(
      [first, second].map(({ stops, report }) => [stops, report.status, report.records.read]),
    ).toEqual([
      [[], 'partial', 2],
      [[], 'partial', 1],
    ])
    expect(bench.ledger.deleted).toEqual(['u1'])
    expect(await waiting()).toEqual([])
  })

  it('goes on waiting for the syncs that a run leaves out', async () => {
    const clubs = { club: 'traits:\n  plan: club_plan\n', shop: SHOP.shop }
    bench = await bornBench(clubs)
    failing('u1')
    bench.records = [plan('u1', 'free', NOW - 90)]
    await bench.run()
    bench.ledger.fails = () => false
    const all = bench.syncs
    bench.syncs = all.filter(({ name }) => name === 'shop')
    await bench.run({ kind: someSyncs(all.filter(({ name }) => name === 'club')) })
    const between = attributesOf('u1')
    bench.syncs = all
    await bench.run()

    expect(between).toEqual({ plan: 'free' })
    expect(attributesOf('u1')).toEqual({ plan: 'free', club_plan: 'free' })
    expect(await waiting()).toEqual([])
  })

  it('has each refusal told once, its own and those of others', async () => {
    bench = await bornBench(SHOP)
    failing('u1')
    bench.records = [
      plan('u1', 'free', NOW - 90),
      worth('u2', 'many', NOW - 90),
      worth('u1', 'few', NOW - 80),
    ]
    await bench.run()
    await bench.run()

    const letters = await bench.withStore((store) => store.deadLetters({ limit: 99 }))
    expect(letters.filter(({ stage }) => stage === 'mapping')).toHaveLength(2)
  })
})

describe('a pair that cannot be joined', () => {
  it('waits as a whole, and ends joined with everything both were told', async () => {
    bench = await bornBench({
      shop: `identity: { alias: { from: anonymousId, label: web, promote: identify } }\n${SHOP.shop}`,
    })
    bench.records = [{ anonymous: 'a1', at: NOW - 90, trait: 'worth', value: 1 }]
    await bench.run()
    failing('u1')
    bench.records.push(
      { user: 'u1', anonymous: 'a1', at: NOW - 80, trait: 'plan', value: 'free' },
      plan('u2', 'pro', NOW - 80),
    )
    const held = await bench.run()
    bench.records.push(
      { anonymous: 'a1', at: NOW - 70, trait: 'worth', value: 2 },
      plan('u2', 'free', NOW - 70),
    )
    const again = await bench.run()
    bench.ledger.fails = () => false
    const { report } = await bench.run()

    expect(held.report).toMatchObject({ status: 'partial', records: { read: 2 } })
    expect(again.report).toMatchObject({ status: 'partial', records: { read: 3 } })
    expect(report).toMatchObject({ status: 'done', records: { read: 2 }, braze: { pending: 0 } })
    expect(attributesOf('u1')).toEqual({ plan: 'free', worth: 2 })
    expect(worthsOf('u1')).toEqual([1, 2])
    expect([...bench.ledger.users.keys()].sort()).toEqual(['u1', 'u2'])
  })
})

describe('a service in trouble', () => {
  it('keeps the position where it is when too many users are unfinished', async () => {
    bench = await bornBench(SHOP)
    bench.ledger.fails = () => true
    bench.records = Array.from({ length: 10_001 }, (_, n) => plan(`u${n}`, 'pro', NOW - 90))
    await bench.run({ chunkSize: 5000 })
    const letters = await waiting()
    bench.ledger.fails = () => false
    const { report } = await bench.run({ chunkSize: 5000 })

    expect(letters).toEqual([])
    expect(report).toMatchObject({
      status: 'done',
      records: { read: 10_001 },
      braze: { attributes: 10_001 },
    })
  })
})
