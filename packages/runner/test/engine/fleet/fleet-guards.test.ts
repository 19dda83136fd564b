import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { currentEpoch } from '../../../src/state/reading/workers.ts'
import { gatherHomes } from '../../../src/state/values/home-values.ts'
import { allowRequests, streamGuards } from '../../../src/state/values/stream-guards.ts'
import { partitionMembers } from '../../../src/state/values/partition-members.ts'
import { NOW } from '../harness.ts'
import type { TestEvent } from '../harness.ts'
import { NOBODY_LEAVES } from '../stream/members.ts'
import { FleetBench } from './fleet-bench.ts'

const SYNC = `traits:
  plan: plan
audiences:
  vip: { attribute: vip, cohort: VIPs }
`
const MINUTE = 60_000
const VIP = 'shop:audiences.vip'
const names = Array.from({ length: 60 }, (_, number) => `user ${number}`)

const vip = (user: string, value: boolean, at: number): TestEvent => ({
  user,
  at: NOW + at,
  audience: 'vip',
  value,
})

/** Three workers, each with users, and everybody a member: by their windows, or before them. */
async function threeWorkers(
  guards: Partial<Record<'maxRemovals' | 'minRemovals' | 'maxDataPoints', number>>,
  { now = () => NOW, byWindows = false } = {},
): Promise<FleetBench> {
  const bench = new FleetBench({ shop: SYNC })
  // What a worker that is lost had reserved counts as used: none is, however slow the machine.
  bench.ttlMs = 2000
  bench.told = { guards: { ...NOBODY_LEAVES, ...guards }, now }
  const everybody = names.map((name) => vip(name, true, 1))
  if (!byWindows) bench.add(everybody)
  for (let count = 0; count < 3; count++) await bench.start()
  await shared(bench)
  if (byWindows) bench.add(everybody)
  await bench.settled()
  return bench
}

/** Resolves once everybody has a share. */
async function shared({ workers }: FleetBench): Promise<void> {
  const isShared = () => workers.every(({ worker }) => worker.status().partitions.length > 15)
  while (!isShared()) await sleep(5)
}

const members = ({ ledger }: FleetBench) =>
  [...ledger.users.values()].filter(({ cohorts }) => cohorts.size > 0).length

const frozenBy = ({ workers }: FleetBench) =>
  workers.map(({ worker }) => worker.status().frozen.length)

/** Resolves once everybody has read all, though users may wait. */
async function taken(bench: FleetBench): Promise<void> {
  const store = await bench.openStore()
  const isTaken = async () =>
    (await store.partitionPositions()).every(({ position }) => position === bench.texts.length)
  while (!(await isTaken())) await sleep(5)
  await store.close()
}

async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await sleep(5)
}

async function allow(bench: FleetBench, request: string): Promise<void> {
  const store = await bench.openStore()
  const epoch = (await currentEpoch(store)) ?? 0
  const values = [allowRequests.stored(request, new Date(NOW).toISOString())]
  await store.commit({ epoch, values })
  await store.close()
}

describe('guards of several workers', { timeout: 60_000 }, () => {
  it('let pass a share of all members, whoever has them, and hold for all what is beyond', async () => {
    const bench = await threeWorkers({ maxRemovals: 0.2 })
    // A fifth of sixty: one worker alone would have some twenty of them, and four to take out.
    for (const [at, name] of names.slice(0, 12).entries()) bench.add([vip(name, false, 2 + at)])
    await bench.settled()
    expect(members(bench)).toBe(48)
    expect(frozenBy(bench)).toEqual([0, 0, 0])

    bench.add(names.slice(12).map((name) => vip(name, false, 20)))
    await taken(bench)
    await until(() => frozenBy(bench).every((count) => count === 1))
    expect(members(bench)).toBe(48)

    await allow(bench, `removals=${VIP}`)
    await bench.settled()
    expect(members(bench)).toBe(0)
    expect(frozenBy(bench)).toEqual([0, 0, 0])
    await bench.end()
  })

  it('hold a floor for all of them together, and what a killed one used is used', async () => {
    const bench = await threeWorkers({ minRemovals: 6 })
    bench.add(names.slice(0, 4).map((name) => vip(name, false, 2)))
    await bench.settled()
    await bench.workers[1]!.kill()
    await bench.start()
    await bench.settled()
    expect(members(bench)).toBe(56)

    bench.add(names.slice(4, 20).map((name) => vip(name, false, 3)))
    await taken(bench)
    await until(() => frozenBy(bench).every((count) => count === 1))
    expect(members(bench)).toBeGreaterThanOrEqual(54)
    bench.add([{ user: 'user 30', at: NOW + 4, trait: 'plan', value: 'pro' }])
    await taken(bench)
    await until(() => bench.ledger.users.get('user 30')?.attributes.get('plan') === 'pro')
    await bench.end()
  })

  it('hold everything of all for data points, and let all go on', async () => {
    // Two of each member are used already.
    const bench = await threeWorkers({ maxDataPoints: 2 * names.length + 10 }, { byWindows: true })
    const plan = (some: readonly string[], at: number) =>
      some.map((user): TestEvent => ({ user, at: NOW + at, trait: 'plan', value: `plan ${at}` }))
    const have = (at: number) =>
      names.filter((name) => bench.ledger.users.get(name)?.attributes.get('plan') === `plan ${at}`)
    bench.add(plan(names.slice(0, 8), 2))
    await bench.settled()
    expect(have(2)).toHaveLength(8)

    bench.add(plan(names, 3))
    const isHeld = () =>
      bench.workers.every(({ worker }) => worker.status().reason?.code === 'GUARD_STOPPED')
    await until(isHeld)
    expect(have(3).length).toBeLessThanOrEqual(2)

    await allow(bench, 'data_points')
    await bench.settled()
    expect(have(3)).toHaveLength(names.length)
    await bench.end()
  })

  it('are those of one process once nobody works beside it', async () => {
    const bench = await threeWorkers({ minRemovals: 6 })
    bench.add(names.slice(0, 4).map((name) => vip(name, false, 2)))
    await bench.settled()
    for (const worker of bench.workers.slice()) await worker.stop()

    const store = await bench.openStore()
    const { budgets, reserved } = await streamGuards.read(store)
    const used = (budgets.get(`removals=${VIP}`) ?? []).reduce((sum, [, count]) => sum + count, 0)
    expect(used).toBe(4)
    expect(reserved).toBeUndefined()
    await store.close()
    const one = await bench.start()
    await bench.settled()
    expect(one.worker.status().frozen).toEqual([])
    bench.add(names.slice(4, 7).map((name) => vip(name, false, 3)))
    await taken(bench)
    await until(() => frozenBy(bench)[0] === 1)
    expect(members(bench)).toBe(56)
    await bench.end()
  })

  it('tell each other how many members there were an hour ago', async () => {
    let ms = NOW
    const bench = await threeWorkers({ maxRemovals: 1 }, { now: () => ms })
    const told = async () => {
      ms += 2 * MINUTE
      bench.add(names.map((user) => ({ user, at: ms, trait: 'plan', value: `plan ${ms}` })))
      await bench.settled()
      const store = await bench.openStore()
      const counts = [...(await partitionMembers.readAll(store)).values()]
      await store.close()
      return counts.reduce((sum, each) => sum + (each.get(VIP) ?? 0), 0)
    }
    await told()
    expect(await told()).toBe(60)
    bench.add(names.slice(0, 10).map((name) => vip(name, false, 5 * MINUTE)))
    await bench.settled()
    expect(members(bench)).toBe(50)
    expect(await told()).toBe(60)

    ms += 62 * MINUTE
    expect(await told()).toBe(50)
    await bench.end()
    const store = await bench.openStore()
    const lease = await store.acquireLease('alone', MINUTE)
    await gatherHomes(store, lease.epoch)
    expect(await partitionMembers.readAll(store)).toEqual(new Map())
    await store.releaseLease(lease)
    await store.close()
  })
})
