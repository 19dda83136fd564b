import { chunkOf } from '@engage-sync/core'
import type { RawChunk, Source } from '@engage-sync/core'
import fc from 'fast-check'
import { afterEach, describe, expect, it } from 'vitest'
import { retryOf, someUsers } from '../../../src/engine/index.ts'
import { Bench, compile, eventText, NOW } from '../harness.ts'
import type { TestEvent } from '../harness.ts'
import { LedgerDestination } from '../ledger-destination.ts'

const SYNCS = {
  shop: `traits:
  plan: plan
audiences:
  vip: { attribute: vip, cohort: VIPs }
segments:
  pro_vips: { when: { all: [{ trait: plan, equals: pro }, { audience: vip, equals: true }] }, cohort: Pro VIPs }
`,
}
const GONE = NOW - 100
const KEYS = [
  { trait: 'plan', value: 'pro' },
  { audience: 'vip', value: true },
] as const

/** What a full reading gives: a record per user and key. */
const people = (users: readonly string[], at = NOW - 1000): readonly TestEvent[] =>
  users.flatMap((user) => KEYS.map((key) => ({ user, at, ...key })))
const names = (count: number, first = 0) =>
  Array.from({ length: count }, (_, index) => `u${first + index}`)

interface Reading {
  readonly chunkSize?: number
  /** Null: the reading never says that it is complete. Default `GONE`. */
  readonly goneAt?: number | null
}

/**
 * A source whose every reading begins anew; told by the number of the reading, from 1, what there
 * is, and if it is newer.
 */
function fullSource(
  texts: (reading: number) => readonly string[],
  how: Reading = {},
  isLater = (_reading: number) => false,
): Source {
  const { chunkSize = 7, goneAt = GONE } = how
  let readings = 0
  return {
    name: 'full',
    async *read(_from, signal): AsyncIterable<RawChunk> {
      const all = texts(++readings)
      for (let at = 0; at < all.length; at += chunkSize) {
        signal.throwIfAborted()
        yield { ...chunkOf(all.slice(at, at + chunkSize)), position: { at } }
      }
      yield {
        ...chunkOf([]),
        position: { at: all.length },
        ...(goneAt === null ? {} : { complete: { time: goneAt + Number(isLater(readings)) } }),
      }
    },
  }
}

let bench: Bench
afterEach(() => bench.close())

/**
 * Options of a run over these users, with nulls for nobody: who is not among them is in no record.
 */
const reading = (users: readonly string[], how: Reading = {}) => ({
  sources: new Map([['engage', fullSource(() => people(users).map(eventText), how)]]),
})

/** A bench that knows these users. */
async function knowing(users: readonly string[]): Promise<void> {
  bench = new Bench(SYNCS)
  await bench.run(reading(users))
}

/** Who is in any cohort, by number. */
function membersOf(): readonly string[] {
  const members = [...bench.ledger.users]
    .filter(([, { cohorts }]) => cohorts.size > 0)
    .map(([user]) => user)
  return members.sort((a, b) => Number(a.slice(1)) - Number(b.slice(1)))
}

const planOf = (user: string) => bench.ledger.users.get(user)?.attributes.get('plan') ?? null

describe('users who are in no record of a complete reading', () => {
  it('lose their attributes and memberships, and nobody else loses any', async () => {
    await knowing(names(20))

    const { report, summary } = await bench.run(reading(names(17)))

    expect(membersOf()).toEqual(names(17))
    expect([planOf('u16'), planOf('u17'), planOf('u19')]).toEqual(['pro', null, null])
    expect(report).toMatchObject({
      status: 'done',
      records: { read: 34, duplicate: 34 },
      braze: { cohort_removals: 6, pending: 0 },
    })
    expect(summary.mappings.get('shop:audiences.vip')).toMatchObject({ removals: 3 })
  })

  it('are nothing to do the next time, and come back when a record names them', async () => {
    await knowing(names(20))
    await bench.run(reading(names(17)))
    const points = bench.ledger.dataPoints

    const again = await bench.run(reading(names(17), { goneAt: GONE + 1 }))
    const quiet = bench.ledger.dataPoints
    await bench.run({
      sources: new Map([
        [
          'engage',
          fullSource(() => [...people(names(17)), ...people(['u19'], NOW - 10)].map(eventText)),
        ],
      ]),
    })

    expect([again.report.braze.requests, quiet]).toEqual([0, points])
    expect(membersOf()).toEqual([...names(17), 'u19'])
  })

  it('keep what is newer than the reading', async () => {
    await knowing(names(3))

    await bench.run(reading(names(2), { goneAt: NOW - 2000 }))

    expect(membersOf()).toEqual(names(3))
  })

  it('are told by a plan, which a run then does', async () => {
    await knowing(names(20))

    const { summary, stops, expectation } = await bench.plan(reading(names(17)))
    const unchanged = membersOf()
    await bench.run({ ...reading(names(17)), expect: expectation })

    expect(unchanged).toEqual(names(20))
    expect(summary).toMatchObject({ attributes: 6, cohortRemovals: 6 })
    expect(stops).toEqual([])
    expect(membersOf()).toEqual(names(17))
  })

  it('stop the run when they are too many', async () => {
    await knowing(names(300))

    const { stops } = await bench.run(reading(names(200)))

    expect(stops).toMatchObject([
      { guard: 'removals', planned: 100 },
      { guard: 'removals', planned: 100 },
    ])
    expect(membersOf()).toHaveLength(300)
  })

  it('stop the run when nobody is left', async () => {
    await knowing(names(3))

    await expect(bench.run(reading([]))).rejects.toMatchObject({ code: 'GUARD_EMPTY_SOURCE' })
    expect(membersOf()).toEqual(names(3))
  })

  it('are gone though an unfinished record of theirs still waits', async () => {
    await knowing(names(3))
    bench.ledger.fails = (user) => user === 'u2'
    const pro = { user: 'u2', at: NOW - 500, trait: 'plan', value: 'max' } as const
    await bench.run({
      sources: new Map([['engage', fullSource(() => [...people(names(3)), pro].map(eventText))]]),
    })
    bench.ledger.fails = () => false

    await bench.run(reading(names(2)))

    expect([planOf('u2'), membersOf()]).toEqual([null, names(2)])
  })
})

describe('segments of what users are not', () => {
  const NOT = {
    shop: `traits:
  plan: plan
audiences:
  vip: { attribute: vip }
segments:
  basic: { when: { not: { trait: plan, equals: pro } }, attribute: basic, event: { entered: Into basic, exited: Out of basic }, cohort: Basic }
  blank: { when: { trait: plan, is_blank: true }, attribute: blank }
`,
  }
  const who = (user: string, value: string, at = NOW - 1000): TestEvent => ({
    user,
    at,
    trait: 'plan',
    value,
  })
  const source = (events: readonly TestEvent[], how: Reading = {}) => ({
    sources: new Map([['engage', fullSource(() => events.map(eventText), how)]]),
  })
  const heldBy = (user: string) => {
    const { attributes, cohorts, events } = bench.ledger.userOf(user)
    return {
      ...Object.fromEntries(attributes),
      cohorts: cohorts.size,
      events: events.map(({ name }) => name),
    }
  }
  /** Knows a pro and a basic user, besides others. */
  const begin = async () => {
    bench = new Bench(NOT)
    const all = [
      ...names(20).map((user) => who(user, 'pro')),
      who('u20', 'free'),
      who('u21', 'pro'),
    ]
    await bench.run(source(all))
    return all
  }

  it.each([
    ['once', {}],
    ['in several passes', { memoryBudgetBytes: 1 }],
  ])('take in nobody who is gone, and let go who was in, %s', async (_, how) => {
    const all = await begin()

    const { report } = await bench.run({ ...source(all.slice(0, 20)), ...how })
    const quiet = await bench.run({ ...source(all.slice(0, 20), { goneAt: GONE + 1 }), ...how })

    expect(heldBy('u20')).toEqual({
      basic: false,
      cohorts: 0,
      events: ['Into basic', 'Out of basic'],
    })
    expect(heldBy('u21')).toEqual({ cohorts: 0, events: [] })
    expect(report).toMatchObject({ status: 'done', braze: { cohort_adds: 0, cohort_removals: 1 } })
    expect(quiet.report.braze).toMatchObject({ requests: 0, data_points: 0 })
  })

  it('take in nobody who is gone when they are new', async () => {
    const all = await begin()
    await bench.run(source(all.slice(0, 20)))
    bench.syncs = compile({
      shop: `${NOT.shop}  other: { when: { not: { trait: plan, equals: free } }, attribute: other }\n`,
    })

    await bench.run(source(all.slice(0, 20), { goneAt: GONE + 1 }))

    expect(heldBy('u1')).toMatchObject({ other: true })
    expect(heldBy('u21')).toEqual({ cohorts: 0, events: [] })
  })

  it('take in who came back, once there is something newer', async () => {
    const all = await begin()
    await bench.run(source(all.slice(0, 20)))

    await bench.run(source(all, { goneAt: GONE + 1 }))
    const asBefore = heldBy('u20')
    await bench.run(source([...all, who('u20', 'small', NOW - 10)], { goneAt: GONE + 2 }))

    expect(asBefore).toEqual({ basic: false, cohorts: 0, events: ['Into basic', 'Out of basic'] })
    expect(heldBy('u20')).toMatchObject({ plan: 'small', basic: true, cohorts: 1 })
  })

  it('let go who is gone in a later pass, where Braze did not take it at first', async () => {
    const all = await begin()
    bench.ledger.fails = (user) => user === 'u20'
    const first = await bench.run(source(all.slice(0, 20)))
    const meanwhile = heldBy('u20')
    bench.ledger.fails = () => false

    await bench.run(source(all.slice(0, 20), { goneAt: GONE + 1 }))

    expect(first.report.status).toBe('partial')
    expect(meanwhile).toMatchObject({ plan: 'free', cohorts: 1 })
    expect(heldBy('u20')).toEqual({
      basic: false,
      cohorts: 0,
      events: ['Into basic', 'Out of basic'],
    })
  })
})

describe('nobody is taken for gone', () => {
  it.each([
    [
      'when the reading does not say that it is complete',
      () => reading(names(2), { goneAt: null }),
    ],
    [
      'by a run for some users',
      () => ({ ...reading(names(2)), kind: someUsers(new Set(['u1', 'u2'])) }),
    ],
    ['by a retry', () => ({ ...reading(names(2)), kind: retryOf({}) })],
  ])('%s', async (_, how) => {
    await knowing(names(3))

    const { report } = await bench.run(how())

    expect([membersOf(), report.reasons.filter(({ code }) => code === 'SOURCE_NOT_SWEPT')]).toEqual(
      [names(3), []],
    )
  })

  it.each([
    ['once', {}],
    ['in several passes', { memoryBudgetBytes: 1 }],
  ])('when a record cannot be read, %s, and the report says so', async (_, how) => {
    await knowing(names(3))
    const texts = [...people(names(2)).map(eventText), '{"type":']

    const { report } = await bench.run({
      ...how,
      sources: new Map([['engage', fullSource(() => texts)]]),
    })

    expect(membersOf()).toEqual(names(3))
    expect(report.reasons).toContainEqual(
      expect.objectContaining({ code: 'SOURCE_NOT_SWEPT', count: 1 }),
    )
  })

  it('when the reading is cut off, and the next one tells', async () => {
    await knowing(names(20))
    const abort = new AbortController()
    const observe = () => abort.abort(new Error('enough'))

    await expect(
      bench.run({ ...reading(names(17)), signal: abort.signal, observe }),
    ).rejects.toThrow('enough')
    const after = membersOf()
    await bench.run(reading(names(17)))

    expect([after, membersOf()]).toEqual([names(20), names(17)])
  })

  it.each([
    ['once', {}],
    ['in several passes', { memoryBudgetBytes: 1 }],
  ])('by an alias that is joined to a user, who may then go by it alone, %s', async (_, how) => {
    const identity =
      'identity:\n  external_id: userId\n  alias: { from: anonymousId, label: anonymous, promote: identify }\n'
    bench = new Bench({ shop: `${identity}audiences:\n  vip: { attribute: vip }\n` })
    const run = async (...events: readonly TestEvent[]) => {
      await bench.run({
        ...how,
        sources: new Map([['engage', fullSource(() => events.map(eventText))]]),
      })
      return Object.fromEntries(bench.ledger.userOf('u1').attributes)
    }
    const other = { user: 'u2', at: NOW - 1000, ...KEYS[1] }
    await run({ anonymous: 'a1', at: NOW - 1000, ...KEYS[1] }, other)

    const joined = await run({ user: 'u1', anonymous: 'a1', at: NOW - 900, ...KEYS[1] }, other)
    const named = await run({ anonymous: 'a1', at: NOW - 800, ...KEYS[1] }, other)
    const gone = await run(other)

    expect([joined, named, gone]).toEqual([{ vip: true }, { vip: true }, {}])
  })

  it('by what another source does not say of them', async () => {
    bench = new Bench({
      shop: 'audiences:\n  vip: { attribute: vip }\n',
      club: 'traits:\n  plan: plan\n',
    })
    bench.syncs = bench.syncs.map((sync) =>
      sync.name === 'club' ? { ...sync, source: 'other' } : sync,
    )
    const other = fullSource(() =>
      [{ user: 'u0', at: NOW - 9, trait: 'plan', value: 'pro' }].map(eventText),
    )
    const engage = (users: readonly string[]) =>
      fullSource(() => users.map((user) => eventText({ user, at: NOW - 900, ...KEYS[1] })))
    await bench.run({
      sources: new Map([
        ['engage', engage(names(3))],
        ['other', other],
      ]),
    })

    await bench.run({
      sources: new Map([
        ['engage', engage(['u2'])],
        ['other', other],
      ]),
    })

    expect(
      ['u0', 'u1', 'u2'].map((user) => Object.fromEntries(bench.ledger.userOf(user).attributes)),
    ).toEqual([{ plan: 'pro' }, {}, { vip: true }])
  })
})

describe('in several passes', () => {
  it('the same users are gone as in one', async () => {
    const user = fc.subarray(names(12), { minLength: 1 })
    await fc.assert(
      fc.asyncProperty(
        user,
        user,
        fc.integer({ min: 1, max: 9 }),
        async (known, present, chunkSize) => {
          const dumps = []
          for (const how of [{}, { memoryBudgetBytes: 20_000 }]) {
            const one = new Bench(SYNCS, new LedgerDestination())
            await one.run({ ...reading(known), ...how })
            const { report } = await one.run({ ...reading(present, { chunkSize }), ...how })
            dumps.push([
              one.ledger.dump(),
              report.records,
              report.values,
              { ...report.braze, requests: 0 },
            ])
            one.close()
          }
          bench = new Bench(SYNCS)

          expect(dumps[1]).toEqual(dumps[0])
        },
      ),
      { numRuns: 2 },
    )
  })

  // With room for nothing, one pass is tried, then two, four, …, and the seventh reading is the
  // first of 64.
  it.each([
    [
      'somebody came, who takes the place of the last in the later ones',
      7,
      ['u99', ...names(20)],
      ['u99'],
      false,
    ],
    ['somebody came for somebody who left', 7, [...names(19), 'u99'], ['u99'], true],
    ['many left while it was planned', 7, names(3), [], false],
    ['many left while it was delivered, whom no guard judged', 7 + 63, names(3), [], false],
  ])('nobody is whom the first pass did not miss: %s', async (_, last, later, come, isNewer) => {
    await knowing(names(20))
    const isLater = (turn: number) => turn > last
    const source = fullSource(
      (turn) => people(isLater(turn) ? later : names(20)).map(eventText),
      {},
      (turn) => isNewer && isLater(turn),
    )

    const { report } = await bench.run({
      sources: new Map([['engage', source]]),
      memoryBudgetBytes: 1,
    })

    expect(membersOf()).toEqual([...names(20), ...come])
    expect(report.reasons).toContainEqual(expect.objectContaining({ code: 'SOURCE_NOT_SWEPT' }))
  })
})
