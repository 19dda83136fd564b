import { setTimeout as sleep } from 'node:timers/promises'
import fc from 'fast-check'
import { SyncError } from '@engage-sync/core'
import type { CommitGroup, StateStore } from '@engage-sync/core'

import { startPostgres } from '@engage-sync/testkit'
import type { PostgresServer } from '@engage-sync/testkit'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { run } from '../../../src/engine/index.ts'
import { openPostgres } from '../../../src/state/postgres/open-postgres.ts'
import { readHandovers } from '../../../src/state/values/handovers.ts'
import { Bench, NOW } from '../harness.ts'
import type { TestEvent } from '../harness.ts'
import { FleetBench, SharedSource, TTL_MS } from './fleet-bench.ts'

const syncOf = (promote: 'identify' | 'merge') => `backfill: true
identity: { alias: { from: anonymousId, label: web, promote: ${promote} } }
traits:
  plan: plan
  worth: { attribute: worth, type: number }
audiences:
  vip: { attribute: vip, cohort: VIPs }
segments:
  rich: { when: { all: [{ trait: worth, more_than: 5 }, { audience: vip, equals: true }] }, cohort: Rich }
`
const NUMBERS = [0, 1, 2, 3, 4, 5]

let server: PostgresServer
let states = 0

beforeAll(async () => {
  server = await startPostgres()
})
afterAll(() => server.stop())

/** Workers over a state in PostgreSQL. */
class PostgresFleet extends FleetBench {
  /** Told of each commit before it, and after it. */
  onCommit: (store: StateStore, group: CommitGroup, when: 'before' | 'after') => Promise<void> =
    async () => undefined
  readonly #schema = `handover_${++states}`

  override async openStore(): Promise<StateStore> {
    const url = `${server.url}?schema=${this.#schema}`
    const options = { url, environment: 'local', workspace: 'ledger', create: true }
    const store = await openPostgres(options)
    const commit = store.commit.bind(store)
    store.commit = async (group) => {
      await this.onCommit(store, group, 'before')
      await commit(group)
      await this.onCommit(store, group, 'after')
    }
    return store
  }

  override async settled(): Promise<void> {
    const store = await this.openStore()
    do await super.settled()
    while ((await readHandovers(store)).length > 0)
    await super.settled()
    await store.close()
  }
}

/** A record of a user, of an alias, or of both, which joins them; two aliases may be one user's. */
const who = fc
  .tuple(fc.constantFrom(...NUMBERS), fc.constantFrom('user', 'alias', 'both'), fc.boolean())
  .map(([number, by, isSecond]) => ({
    ...(by === 'alias' ? {} : { user: `u${number}` }),
    ...(by === 'user' ? {} : { anonymous: `a${number}${isSecond ? 'b' : ''}` }),
  }))
const said = fc.oneof(
  fc.record({ trait: fc.constant('plan'), value: fc.constantFrom('text', null) }),
  fc.record({ trait: fc.constant('worth'), value: fc.integer({ min: 1, max: 9 }) }),
  fc.record({ audience: fc.constant('vip'), value: fc.boolean() }),
)
const step = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.record({
      does: fc.constant('add' as const),
      records: fc.array(fc.tuple(who, said), { minLength: 1, maxLength: 12 }),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ does: fc.constantFrom('start', 'stop', 'kill', 'wait' as const) }),
  },
)

/** Each later than all before it; no text comes twice, and no number either. */
function eventsOf(
  records: readonly (readonly [object, { trait?: string; audience?: string; value: unknown }])[],
  count: number,
): readonly TestEvent[] {
  return records.map(([one, what], index) => {
    const at = NOW - 1_000_000 + (count + index) * 1000
    const { value } = what
    if (value === 'text') return { ...one, ...what, at, value: `at ${at}` }
    return {
      ...one,
      ...what,
      at,
      ...(typeof value === 'number' && { value: value + (count + index) / 1e6 }),
    }
  })
}

/** What users have, where no value is the same as null. */
function held({ ledger }: Bench) {
  return NUMBERS.map((number) => {
    const { attributes, cohorts } = ledger.userOf(`u${number}`)
    const [plan = null, worth = null] = [attributes.get('plan'), attributes.get('worth')]
    return { plan, worth, isVip: attributes.get('vip') === true, cohorts: [...cohorts].sort() }
  })
}

/** Aliases of whom something is known, so that there is somebody to join. */
const FIRST = NUMBERS.flatMap((number) =>
  ['', 'b'].map((which) => ({
    anonymous: `a${number}${which}`,
    at: NOW - 2_000_000 + number,
    trait: 'plan',
    value: `first ${number}${which}`,
  })),
)

it.each(['identify', 'merge'] as const)(
  'aliases and users of several workers end as in one run (%s)',
  { timeout: 180_000 },
  async (promote) => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 3, maxLength: 9 }), async (steps) => {
        const sync = { shop: syncOf(promote) }
        const bench = new PostgresFleet(sync)
        const calm = new Bench(sync)
        const records: TestEvent[] = [...FIRST]
        bench.add(FIRST)
        await bench.start()
        await bench.start()
        await bench.settled()
        for (const one of steps) {
          if (one.does === 'add') {
            const more = eventsOf(one.records, records.length)
            records.push(...more)
            bench.add(more)
          } else if (one.does === 'start' && bench.workers.length < 3) await bench.start()
          else if (one.does === 'stop' && bench.workers.length > 1) await bench.workers[0]?.stop()
          else if (one.does === 'kill' && bench.workers.length > 1) await bench.workers[0]?.kill()
          else if (one.does === 'wait') await sleep(TTL_MS / 2)
        }
        await bench.settled()
        await bench.end()
        calm.records = [...FIRST]
        await calm.run({ allow: ['removals', 'additions'] })
        calm.records = records
        await calm.run({ allow: ['removals', 'additions'] })
        expect(held(bench)).toEqual(held(calm))
        // Joined once more after a death, and by `merge` only who is there.
        if (promote === 'identify')
          expect(new Set(bench.ledger.joined)).toEqual(new Set(calm.ledger.joined))
        calm.close()
      }),
      { numRuns: 2 },
    )
  },
)

/** What a commit does to handovers, or null. */
function handoverOf({ values = [] }: CommitGroup): 'gives' | 'takes' | null {
  const value = values.find(({ key }) => key.startsWith('handover:'))
  if (value === undefined) return null
  return value.value === null ? 'takes' : 'gives'
}

it.each([
  ['gives', 'before'],
  ['gives', 'after'],
  ['takes', 'before'],
  ['takes', 'after'],
] as const)(
  'a worker that dies as it %s, %s its commit, loses and doubles nothing',
  async (does, when) => {
    const sync = { shop: syncOf('identify') }
    const bench = new PostgresFleet(sync)
    const calm = new Bench(sync)
    const worth = (alias: string, user: string | null, at: number) => ({
      anonymous: alias,
      ...(user !== null && { user }),
      at: NOW - at,
      trait: 'worth',
      value: at / 100,
    })
    const links = NUMBERS.flatMap((number) => [
      worth(`a${number}`, null, 5000 + number),
      worth(`a${number}`, `u${number}`, 4000 + number),
      worth(`a${number}b`, `u${number}`, 3000 + number),
      worth(`a${number}`, null, 700 + number),
    ])
    bench.add(FIRST)
    await bench.start()
    await bench.start()
    await bench.settled()
    let deaths = 0
    bench.onCommit = async (store, group, now) => {
      if (handoverOf(group) !== does || now !== when || deaths > 0) return
      deaths++
      const { worker, epoch } = group
      if (worker !== undefined) await store.bury({ worker, epoch })
    }
    bench.add(links)
    await bench.settled()
    await bench.end()
    for (const records of [FIRST, [...FIRST, ...links]]) {
      calm.records = records
      await calm.run({ allow: ['removals', 'additions'] })
    }

    expect(deaths).toBe(1)
    expect(held(bench)).toEqual(held(calm))
    expect(new Set(bench.ledger.joined)).toEqual(new Set(calm.ledger.joined))
    calm.close()
  },
)

it('what is handed over to a partition that nobody has waits, and a run takes it, too', async () => {
  const sync = { shop: syncOf('identify') }
  const bench = new PostgresFleet(sync)
  bench.add(FIRST)
  await bench.start()
  await bench.start()
  await bench.settled()
  // Everybody goes at the first handover.
  const ended = new Promise<void>((resolve) => {
    bench.onCommit = async (_, group, when) => {
      if (handoverOf(group) === 'gives' && when === 'after') resolve()
      if (handoverOf(group) === 'takes') throw new SyncError('STATE_LEASE_LOST', 'not now')
    }
  })
  const links = NUMBERS.map((number) => ({
    anonymous: `a${number}`,
    user: `u${number}`,
    at: NOW - 1000 + number,
    audience: 'vip',
    value: true,
  }))
  bench.add(links)
  await ended
  for (const worker of bench.workers.slice()) await worker.stop()
  bench.onCommit = async () => undefined
  const store = await bench.openStore()
  expect((await readHandovers(store)).length).toBeGreaterThan(0)

  const source = new SharedSource(bench.texts)
  const options = { ...bench.options(store), sources: new Map([['engage', source]]) }
  const { report } = await run({ ...options, allow: ['removals', 'additions'] })

  expect(report.status).toBe('done')
  expect(await readHandovers(store)).toEqual([])
  expect(held(bench)).toEqual(
    NUMBERS.map((number) => ({
      plan: `first ${number}`,
      worth: null,
      isVip: true,
      cohorts: [expect.any(String)],
    })),
  )
  await store.close()
  await bench.end()
})
