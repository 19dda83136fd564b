import { afterEach, describe, expect, it } from 'vitest'
import { retryOf, someSyncs, someUsers } from '../../../src/engine/index.ts'
import { Bench, compile, NOW } from '../harness.ts'
import type { TestEvent } from '../harness.ts'

const DAY = 86_400_000
const PRO = (filter: string, more = '') =>
  `traits:\n  plan: plan\n  worth: { attribute: worth, type: number }\nsegments:\n  pro: { when: { trait: plan, ${filter} }, attribute: pro, cohort: Pros }\n${more}`
const LAPSED =
  'traits:\n  worth: { attribute: worth, type: number }\n  seen: { attribute: seen, type: time }\nsegments:\n  lapsed: { when: { trait: seen, more_than_days_ago: 3 }, attribute: lapsed }\n'
const USERS = ['u1', 'u2', 'u3']

let bench: Bench
afterEach(() => bench.close())

function members(name: string): readonly string[] {
  return USERS.filter((user) => bench.ledger.userOf(user).attributes.get(name) === true)
}

function says(trait: string, value: unknown): (user: string) => TestEvent {
  return (user) => ({ user, at: NOW - 10, trait, value })
}

/** Somebody whose letter can be retried. */
const REFUSED: TestEvent = { user: 'u1', at: NOW - 10, trait: 'worth', value: 'a lot' }

it('gives no cohort another name in a run for some users: that is for all of its members', async () => {
  const named = (name: string) =>
    `traits: { plan: plan }\nsegments:\n  pro: { when: { trait: plan, equals: pro }, cohort: ${name} }\n`
  bench = new Bench({ shop: named('Pros') })
  bench.records = USERS.map(says('plan', 'pro'))
  await bench.run()
  bench.syncs = compile({ shop: named('Experts') })
  const kind = someUsers(new Set(['u1']))
  const names = () => [...bench.ledger.cohorts.values()]

  const planned = await bench.plan({ kind })
  await bench.run({ kind })
  const between = names()
  await bench.run()

  expect(planned.cohorts.renamed).toEqual([])
  expect([between, names()]).toEqual([['Pros'], ['Experts']])
})

describe('a segment that changed', () => {
  it.each([
    ['a retry', { kind: retryOf({}) }],
    ['a run for some users', { kind: someUsers(new Set(['u1'])) }],
  ])('keeps its members in %s, and is brought in line by the next run', async (_, some) => {
    bench = new Bench({ shop: PRO('equals: pro') })
    bench.records = [...USERS.map(says('plan', 'pro')), REFUSED]
    await bench.run()
    bench.syncs = compile({ shop: PRO('matches: "^p"') })

    const { report } = await bench.run(some)
    const between = members('pro')
    bench.records.push({ user: 'u2', at: NOW - 5, trait: 'plan', value: 'free' })
    await bench.run()

    expect(report.braze).toMatchObject({ attributes: 0, cohort_adds: 0, cohort_removals: 0 })
    expect(between).toEqual(USERS)
    expect(members('pro')).toEqual(['u1', 'u3'])
  })

  it('is brought in line for the users a run works on', async () => {
    bench = new Bench({ shop: PRO('equals: pro') })
    bench.records = USERS.map(says('plan', 'pro'))
    await bench.run()
    bench.syncs = compile({ shop: PRO('equals: free') })

    await bench.run({ kind: someUsers(new Set(['u1'])) })
    const between = members('pro')
    await bench.run()

    expect(between).toEqual(['u2', 'u3'])
    expect(members('pro')).toEqual([])
  })
})

describe('a retired attribute', () => {
  it.each([
    ['a retry', { kind: retryOf({}) }, 0],
    ['a run for some users', { kind: someUsers(new Set(['u1'])) }, 1],
  ])('stays with everybody else in %s, until the next run', async (_, some, unset) => {
    bench = new Bench({ shop: PRO('equals: pro') })
    bench.records = [...USERS.map(says('plan', 'pro')), REFUSED]
    await bench.run()
    const rest =
      'traits:\n  worth: { attribute: worth, type: number }\nretire: [{ attribute: plan, by: unset }]\n'
    bench.syncs = compile({ shop: rest })

    const first = await bench.run(some)
    const second = await bench.run()

    expect(first.report.braze.attributes).toBe(unset)
    expect(second.report.braze.attributes).toBe(3 - unset)
    expect(USERS.map((user) => bench.ledger.userOf(user).attributes.has('plan'))).toEqual([
      false,
      false,
      false,
    ])
  })
})

describe('what time alone changes', () => {
  const SEEN = says('seen', new Date(NOW - DAY).toISOString())

  it('is sent to the users a run works on, and to the others by the next run', async () => {
    bench = new Bench({ shop: LAPSED })
    bench.records = USERS.map(SEEN)
    await bench.run()
    bench.nowMs = NOW + 4 * DAY

    await bench.run({ kind: someUsers(new Set(['u1'])) })
    const between = members('lapsed')
    await bench.run()

    expect(between).toEqual(['u1'])
    expect(members('lapsed')).toEqual(USERS)
  })

  it('is not lost by a retry of somebody else', async () => {
    bench = new Bench({ shop: LAPSED })
    const others = Array.from({ length: 300 }, (_, number) => ({
      ...REFUSED,
      user: `other${number}`,
    }))
    bench.records = [...USERS.map(SEEN), ...others]
    await bench.run()
    bench.nowMs = NOW + 4 * DAY

    await bench.run({ kind: retryOf({}) })
    await bench.run()

    expect(members('lapsed')).toEqual(USERS)
  })

  it('is not lost by a run of other syncs', async () => {
    bench = new Bench({ shop: LAPSED, more: 'traits:\n  plan: plan\n' })
    bench.records = USERS.map(SEEN)
    await bench.run()
    bench.nowMs = NOW + 4 * DAY
    const all = bench.syncs

    bench.syncs = all.filter(({ name }) => name === 'more')
    await bench.run({ kind: someSyncs(all.filter(({ name }) => name === 'shop')) })
    bench.syncs = all
    await bench.run()

    expect(members('lapsed')).toEqual(USERS)
  })
})
