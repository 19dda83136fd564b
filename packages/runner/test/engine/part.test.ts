import type { GuardStop } from '@engage-sync/core'
import { PARTITIONS } from '@engage-sync/core'
import { expect, it } from 'vitest'
import { Member } from '../../src/engine/fleet/member.ts'
import { OwnedState } from '../../src/engine/fleet/owned-state.ts'
import type { PartPlan, RunResult } from '../../src/engine/index.ts'
import { runUnder } from '../../src/engine/run.ts'
import { FleetBench, SharedSource } from './fleet/fleet-bench.ts'
import { Bench, NOW } from './harness.ts'
import type { TestEvent } from './harness.ts'

const SYNC = `traits:
  worth: { attribute: worth, type: number }
audiences:
  vip: { attribute: vip, event: { entered: In, exited: Out }, cohort: VIPs }
`
const ENOUGH = {
  guards: { ...new Bench({ shop: SYNC }).options(null as never).guards, minRemovals: 500 },
}
const users = Array.from({ length: 60 }, (_, number) => `user ${number}`)
const first: readonly TestEvent[] = users.map((user) => ({
  user,
  at: NOW,
  audience: 'vip',
  value: true,
}))
const more: readonly TestEvent[] = [
  ...users.flatMap((user, number): TestEvent[] => [
    { user, at: NOW + 1, trait: 'worth', value: number % 5 === 0 ? 'much' : number },
    { user, at: NOW + 1, audience: 'vip', value: number % 3 > 0 },
  ]),
  { user: 'nobody asked', at: NOW + 2, trait: 'unknown', value: 1 },
  { user: 'user 7', at: NOW + 2, forget: true },
]

/** A run of `more` by two workers who own half of the partitions each, one after the other. */
async function byParts(judge?: (plan: PartPlan) => Promise<readonly GuardStop[]>) {
  const bench = new FleetBench({ shop: SYNC })
  bench.records = [...first]
  await bench.run({ sources: new Map([['engage', new SharedSource(textsOf(bench, first))]]) })
  const texts = textsOf(bench, [...first, ...more])
  const results: RunResult[] = []
  const store = await bench.openStore()
  const members = [
    await Member.join(store, { worker: 'one', url: null, fingerprint: '', demand: 32 }, 60_000),
    await Member.join(store, { worker: 'two', url: null, fingerprint: '', demand: 32 }, 60_000),
  ]
  for (const member of members) {
    const source = new SharedSource(texts)
    const streams = new Map([['engage', source]])
    const partitions = new Set(member.owned)
    expect(partitions.size).toBe(PARTITIONS / 2)
    const owned = new OwnedState(store, { member: () => member.membership, partitions, streams })
    results.push(
      await runUnder(
        member,
        {
          ...bench.options(owned, ENOUGH),
          sources: streams,
          onDelete: new Map([['shop', 'delete']]),
          part: { partitions, ...(judge !== undefined && { judge }) },
        },
        NOW,
      ),
    )
  }
  const positions = await store.partitionPositions()
  for (const member of members) await member.release()
  await store.close()
  const dump = bench.ledger.dump()
  await bench.end()
  return { results, dump, positions }
}

function textsOf(bench: FleetBench, events: readonly TestEvent[]): string[] {
  const source = new SharedSource([])
  source.add(events)
  expect(bench.texts).toEqual([])
  return source.texts
}

it('runs of parts send what one run does, and their figures add up to its own', async () => {
  const bench = new Bench({ shop: SYNC })
  bench.records = [...first]
  await bench.run()
  bench.records.push(...more)
  const one = await bench.run({ ...ENOUGH, onDelete: new Map([['shop', 'delete']]) })
  const dump = bench.ledger.dump()
  bench.close()

  const parts = await byParts()

  expect(parts.dump).toEqual(dump)
  expect(parts.positions).toHaveLength(PARTITIONS)
  const [left, right] = parts.results.map(({ report }) => report)
  for (const of of ['records', 'values', 'rejected', 'users'] as const)
    for (const [name, count] of Object.entries(one.report[of]))
      expect([of, name, left![of][name as never]! + right![of][name as never]!]).toEqual([
        of,
        name,
        count,
      ])
  expect(left!.braze.data_points + right!.braze.data_points).toBe(one.report.braze.data_points)
  expect(left!.forgotten ?? right!.forgotten).toEqual({ users: 1, deleted: 1 })
})

it('a part that is judged from outside sends nothing where it is stopped', async () => {
  const stop: GuardStop = {
    guard: 'data_points',
    subject: null,
    planned: 2,
    limit: 1,
    members: null,
    message: 'too many',
    allow: 'data_points=2',
  }
  const plans: PartPlan[] = []

  const { results, dump } = await byParts(async (plan) => {
    plans.push(plan)
    return [stop]
  })

  expect(results.map(({ report }) => report.status)).toEqual(['stopped', 'stopped'])
  expect(dump.every(({ attributes }) => attributes['vip'] === true)).toBe(true)
  expect(plans.reduce((sum, { summary }) => sum + summary.users.changed, 0)).toBeGreaterThan(40)
  expect(plans.map(({ reads }) => reads.map(({ decoded }) => decoded))).toEqual([
    [more.length],
    [more.length],
  ])
})
