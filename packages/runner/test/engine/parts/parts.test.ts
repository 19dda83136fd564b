import { isDeepStrictEqual } from 'node:util'
import { chunkOf } from '@engage-sync/core'
import type { RawChunk, Report, Source, StateStore } from '@engage-sync/core'
import { sampled } from '@engage-sync/testkit'
import { expect, it, onTestFinished } from 'vitest'
import { INCREMENTAL, REREAD, RESEND, someUsers } from '../../../src/engine/index.ts'
import type { EngineOptions } from '../../../src/engine/index.ts'
import { takeLease } from '../../../src/engine/durable/index.ts'
import { exitCodeOf } from '../../../src/process/exit.ts'
import { fleetConfiguration } from '../../../src/state/values/configuration.ts'
import { Bench, eventText, NOW } from '../harness.ts'
import type { TestEvent } from '../harness.ts'
import { PartsBench } from './parts-bench.ts'
import type { PartsOptions } from './parts-bench.ts'

const SYNC = `traits:
  plan: plan
  worth: { attribute: worth, type: number, event: Worth Computed }
audiences:
  vip: { attribute: vip, event: { entered: In, exited: Out }, cohort: VIPs }
segments:
  rich: { when: { all: [{ trait: worth, more_than: 5 }, { audience: vip, equals: true }] }, cohort: Rich }
`
const ALL_MAY = {
  guards: {
    maxRemovals: 1,
    minRemovals: 1000,
    maxAdditions: 1,
    maxDataPoints: null,
    emptySource: 'stop',
  },
  onDelete: new Map([['shop', 'delete']]),
} as const satisfies Partial<EngineOptions>

/** Values of 40 users; one in seven cannot be used, and some speak of nothing that is mapped. */
function someEvents(count: number, from = 0): readonly TestEvent[] {
  return Array.from({ length: count }, (_, index): TestEvent => {
    const number = from + index
    const user = `user ${number % 40}`
    const at = NOW + number
    if (number % 11 === 10) return { user, at, trait: 'else', value: 1 }
    if (number % 3 === 0) return { user, at, audience: 'vip', value: number % 4 < 2 }
    return number % 3 === 1
      ? { user, at, trait: 'worth', value: number % 7 === 0 ? 'much' : number % 11 }
      : { user, at, trait: 'plan', value: `plan ${number % 5}` }
  })
}

function bench<T extends Bench>(made: T): T {
  onTestFinished(() => made.close())
  return made
}

/** What does not depend on who did what when: how many requests there are does on who packs them. */
function figures(report: Report) {
  const { reasons, mappings = [], braze, syncs } = report
  const unpacked = { braze: { ...braze, requests: 0 }, seconds: 0, run: 0 }
  return {
    ...report,
    ...unpacked,
    syncs: syncs.map((sync) => ({ ...sync, braze: { ...sync.braze, requests: 0 } })),
    reasons: reasons.map(({ code, count }) => [code, count]),
    mappings: mappings.toSorted((a, b) => (a.mapping < b.mapping ? -1 : 1)),
  }
}

/** One environment worked on by one process, and another one in parts, on the same records. */
class Two {
  readonly one = bench(new Bench({ shop: SYNC }))
  readonly parts = bench(new PartsBench({ shop: SYNC }))

  add(events: readonly TestEvent[]): void {
    this.one.records.push(...events)
    this.parts.records.push(...events)
  }

  /** Runs both, and compares what they came to. */
  async run(told: Partial<EngineOptions> = ALL_MAY, how: PartsOptions = {}): Promise<Report> {
    const { report } = await this.one.run(told)
    const inParts = await this.parts.runInParts(told, how)
    expect(this.parts.errors).toEqual(new Map())
    expect(figures(inParts.report)).toEqual(figures(report))
    await this.compare()
    return inParts.report
  }

  async compare(): Promise<void> {
    expect(this.parts.ledger.dump()).toEqual(this.one.ledger.dump())
    expect(this.parts.ledger.cohorts).toEqual(this.one.ledger.cohorts)
    expect(await known(this.parts)).toEqual(await known(this.one))
  }
}

/** What a state knows, apart from rows and from what tells of one run. */
async function known(of: Bench) {
  return await of.withStore(async (store) => {
    expect(await store.check()).toEqual([])
    expect(await store.openMarks()).toEqual([])
    expect((await store.fleet()).workers).toEqual([])
    const letters = await store.deadLetters({ limit: 1000 })
    const subjects = letters.map(({ code, subject }) => `${code} ${subject?.user ?? ''}`)
    return {
      positions: await store.positions(),
      partitions: await store.partitionPositions(),
      mappings: await store.mappings(),
      values: new Map([...(await store.values(''))].toSorted(([a], [b]) => (a < b ? -1 : 1))),
      letters: subjects.toSorted(),
      runs: (await store.runs(9)).map(({ number, status }) => [number, status]),
    }
  })
}

it('a run in parts is what one run is: a first load, and what comes after it', async () => {
  const two = new Two()
  two.add(someEvents(300))
  const { braze, rejected } = await two.run()
  expect(braze.events).toBeGreaterThan(0)
  expect(rejected.count).toBeGreaterThan(0)
  two.add(someEvents(100, 300))
  two.add([
    { user: 'user 3', at: NOW + 900, forget: true },
    { user: 'user 30', at: NOW + 900, forget: true },
  ])
  const { forgotten, users } = await two.run()
  expect(forgotten).toEqual({ users: 2, deleted: 2 })
  expect(users.seen).toBeGreaterThan(30)
  await two.run()
})

it('parts read their sources in several passes, each as much as fits', async () => {
  const two = new Two()
  two.add(someEvents(200))
  await two.run({ ...ALL_MAY, memoryBudgetBytes: 20_000 }, { of: 2 })
})

it('guards judge all parts as one, and what they stop sends nothing', async () => {
  const two = new Two()
  two.add(someEvents(200))
  await two.run()
  const before = two.parts.ledger.dump()
  const leaves = Array.from({ length: 40 }, (_, number): TestEvent => ({
    user: `user ${number}`,
    at: NOW + 5000,
    audience: 'vip',
    value: false,
  }))
  two.add(leaves)
  const guards = { ...ALL_MAY.guards, maxRemovals: 0.5, minRemovals: 8 }

  const { status, guards: stops } = await two.run({ ...ALL_MAY, guards })

  expect(status).toBe('stopped')
  expect(stops[0]?.planned).toBeGreaterThan(8)
  expect(two.parts.ledger.dump()).toEqual(before)
  await two.run({ ...ALL_MAY, guards, allow: ['removals=*'] })
})

it('requests without an answer are decided by each part, and told by the run', async () => {
  const two = new Two()
  two.add(someEvents(200))
  const told = { ...ALL_MAY, onUnknown: 'skip' } as const
  const { report: calm } = await two.one.run(told)

  const { report } = await two.parts.runInParts(told, {
    prepare: (ledger) => (ledger.fate = (request) => (request <= 2 ? 'lost' : 'ok')),
  })

  const { recovered, braze, rounds } = report
  expect(rounds?.events).toBeGreaterThan(0)
  expect(recovered).toEqual({ repeated: 0, skipped: rounds?.events, verified: 0 })
  expect(braze.events + recovered.skipped).toBe(calm.braze.events)
})

it('a configuration that a fleet left half way is settled as by one process', async () => {
  const two = new Two()
  two.add(someEvents(100))
  await two.run()
  for (const of of [two.one, two.parts]) await of.withStore(leaveRollout)

  await two.run()

  expect(await two.parts.withStore((store) => fleetConfiguration.read(store))).toMatchObject({
    epoch: 3,
    rollout: null,
  })
})

/** As workers that died while another configuration was on its way to their partitions. */
async function leaveRollout(store: StateStore): Promise<void> {
  const touched = (await store.mappings()).map(({ id }) => id)
  const lease = await takeLease(store, { waitMs: 0 })
  const { epoch } = lease.current
  const rollout = { base: 'former', startedMs: NOW, done: [1], touched }
  const left = { epoch: 2, fingerprint: 'newer', joinsAliases: false, rollout }
  await store.commit({ epoch, values: [fleetConfiguration.stored(left)] })
  await lease.release()
}

/** What a full reading gives: every value of so many users, and that nobody else is there. */
function fullSource(users: number): Source {
  const texts = Array.from({ length: users }, (_, number) => [
    { user: `user ${number}`, at: NOW, trait: 'plan', value: 'gold' },
    { user: `user ${number}`, at: NOW, audience: 'vip', value: true },
  ]).flatMap((events) => events.map(eventText))
  return {
    name: 'full',
    async *read(): AsyncIterable<RawChunk> {
      yield { ...chunkOf(texts), position: { users }, complete: { time: NOW + users } }
    },
  }
}

it('users whom a complete reading does not name are gone, whoever has them', async () => {
  const two = new Two()
  const reading = (users: number) => ({
    ...ALL_MAY,
    sources: new Map([['engage', fullSource(users)]]),
  })
  await two.run(reading(41))
  await two.run(reading(23))
  const left = two.parts.ledger.dump().filter(({ cohorts }) => cohorts.length > 0)
  expect(left).toHaveLength(23)
})

const KINDS = [
  ['sent again', RESEND],
  ['of some users', someUsers(new Set(['user 3', 'user 20']), INCREMENTAL)],
  ['read from the beginning', REREAD],
] as const

it.each(sampled('kinds of runs in parts', KINDS, 1))(
  'a run in parts is what one run is: %s',
  async (_, kind) => {
    const two = new Two()
    two.add(someEvents(200))
    await two.run()
    two.add(someEvents(50, 200))
    await two.run({ ...ALL_MAY, kind }, { of: 2 })
    await two.run()
  },
)

it('users who cannot be finished wait, while the sources go on', async () => {
  const two = new Two()
  const fails = (user: string) => ['user 3', 'user 17', 'user 31'].includes(user)
  two.add(someEvents(200))
  two.one.ledger.fails = fails
  const { status } = await two.run(ALL_MAY, { prepare: (ledger) => (ledger.fails = fails) })
  expect(status).toBe('partial')
  two.one.ledger.fails = () => false
  two.add(someEvents(40, 200))
  expect((await two.run()).braze.pending).toBe(0)
})

it('parts that read a source at different lengths read it again to the same', async () => {
  const parts = bench(new PartsBench({ shop: SYNC }))
  parts.records = [...someEvents(100)]
  const [, second] = [parts.options(null as never), parts.options(null as never)]
  parts.records.push(...someEvents(30, 100))

  const { report } = await parts.runInParts(ALL_MAY, {
    ofPart: (number) => (number === 1 ? { sources: second!.sources } : {}),
  })

  expect(report.records.read).toBe(100)
  expect(await parts.withStore((store) => store.positions())).toEqual(new Map([['engage', 100]]))
  const next = await parts.run(ALL_MAY)
  expect(next.report.records.read).toBe(30)
})

it('a source that gives each part something else, whenever it is asked, ends the run', async () => {
  const parts = bench(new PartsBench({ shop: SYNC }))

  const run = parts.runInParts(ALL_MAY, {
    of: 2,
    ofPart: (number) => ({ sources: new Map([['engage', fullSource(number)]]) }),
  })

  await expect(run).rejects.toMatchObject({ code: 'RUN_PARTS_APART' })
  expect(parts.ledger.dump()).toEqual([])
})

it('a run in parts does what a plan said, or nothing', async () => {
  const parts = bench(new PartsBench({ shop: SYNC }))
  parts.records = [...someEvents(100)]
  const { expectation: expect_ } = await parts.plan(ALL_MAY)
  parts.records.push(...someEvents(20, 100))

  const { report } = await parts.runInParts({ ...ALL_MAY, expect: expect_ })

  expect(report.records.read).toBe(100)
  await expect(parts.runInParts({ ...ALL_MAY, expect: expect_ })).rejects.toMatchObject({
    code: 'PLAN_STALE',
  })
  const { expectation } = await parts.plan(ALL_MAY)
  const other = { ...expectation, digest: '0'.repeat(16) }
  const before = parts.ledger.dump()
  await expect(parts.runInParts({ ...ALL_MAY, expect: other })).rejects.toMatchObject({
    code: 'PLAN_STALE',
  })
  expect(isDeepStrictEqual(parts.ledger.dump(), before)).toBe(true)
  // Each part is told what ended the run.
  for (const failure of parts.failures.values())
    expect(failure).toMatchObject({ code: 'PLAN_STALE' })
  expect(parts.failures.size).toBe(3)
})

it('a part that is lost ends the run, and the next one goes on, in as many parts as it likes', async () => {
  const two = new Two()
  two.add(someEvents(300))
  const lost = new AbortController()
  const { report, failure, goesOn } = await two.parts.runInParts(ALL_MAY, {
    prepare: (ledger, number) => {
      if (number !== 2) return
      ledger.fate = (request) => {
        if (request === 4) lost.abort()
        return 'ok'
      }
    },
    lost: { number: 2, signal: lost.signal },
  })
  expect(report).toMatchObject({ status: 'failed', error: { code: 'RUN_PART_LOST' } })
  expect([goesOn, exitCodeOf(failure)]).toEqual([false, 130])
  await two.one.run(ALL_MAY)

  const next = await two.parts.runInParts(ALL_MAY, { of: 2 })

  expect(next.report.status).toBe('partial')
  expect(next.report.records.read).toBe(300)
  expect(two.parts.ledger.dump()).toEqual(two.one.ledger.dump())
})

it('parts that do not come, or would do something else, end the run before anything is sent', async () => {
  const parts = bench(new PartsBench({ shop: SYNC }))
  parts.records = [...someEvents(30)]

  await expect(
    parts.runInParts(ALL_MAY, { missing: new Set([2]), joinMs: 300 }),
  ).rejects.toMatchObject({ code: 'RUN_PART_MISSING' })
  await expect(
    parts.runInParts(ALL_MAY, { ofPart: (number) => (number === 3 ? { kind: REREAD } : {}) }),
  ).rejects.toMatchObject({ code: 'RUN_PART_LOST' })

  expect(parts.errors.get(3)).toMatchObject({ code: 'RUN_PART_OTHER' })
  const forgets = { onDelete: new Map([['shop', 'report']]) } as const
  await expect(
    parts.runInParts(ALL_MAY, { ofPart: (number) => (number === 2 ? forgets : {}) }),
  ).rejects.toMatchObject({ code: 'RUN_PART_LOST' })
  expect(parts.errors.get(2)).toMatchObject({ code: 'RUN_PART_OTHER' })
  expect(parts.ledger.dump()).toEqual([])
  expect((await parts.run(ALL_MAY)).report.records.read).toBe(30)
})

it('a part that fails ends the run, and the next one goes on', async () => {
  const two = new Two()
  two.add(someEvents(300))
  const { report, failure } = await two.parts.runInParts(ALL_MAY, {
    prepare: (ledger, number) => {
      if (number === 2) ledger.fate = () => 'failed'
    },
  })
  expect(report.status).not.toBe('done')
  expect(failure).toBeNull()
  await two.one.run(ALL_MAY)

  await two.parts.run(ALL_MAY)

  expect(two.parts.ledger.dump()).toEqual(two.one.ledger.dump())
})
