import { decodeAhead } from '@engage-sync/segment'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { REREAD } from '../../src/engine/index.ts'
import { Bench, NOW } from './harness.ts'
import type { TestEvent } from './harness.ts'
import { LedgerDestination } from './ledger-destination.ts'
import type { Fate } from './ledger-destination.ts'

const SYNCS = {
  shop: `traits:
  plan: plan
  worth: { attribute: worth, type: number, event: Worth Computed }
audiences:
  vip: { attribute: vip, event: { entered: In, exited: Out }, cohort: VIPs }
segments:
  rich: { when: { all: [{ trait: worth, more_than: 5 }, { audience: vip, equals: true }] }, cohort: Rich }
  busy: { when: { event: Worth Computed, more_than: 1 }, attribute: busy }
`,
}

const user = fc.constantFrom('u1', 'u2', 'u3', 'u4', 'u5', 'u6')
const at = fc.integer({ min: NOW - 60, max: NOW - 1 })
const event: fc.Arbitrary<TestEvent> = fc.oneof(
  fc.record({ user, at, trait: fc.constant('plan'), value: fc.constantFrom('free', 'pro', null) }),
  fc.record({
    user,
    at,
    trait: fc.constant('worth'),
    value: fc.constantFrom(1, 4, 7, 9, null, 'many'),
  }),
  fc.record({ user, at, audience: fc.constant('vip'), value: fc.boolean() }),
)
const events = fc.array(event, { minLength: 1, maxLength: 30 })

interface How {
  readonly chunkSize?: number
  readonly concurrency?: number
  readonly perRequest?: number
  readonly budget?: number
  /** Decodes on a thread of its own. */
  readonly ahead?: boolean
}

/** Braze's side and the report after one run over the records. */
async function outcomeOf(records: readonly TestEvent[], how: How) {
  const bench = new Bench(SYNCS, new LedgerDestination(how))
  try {
    bench.records = [...records]
    const { report, failure } = await bench.run({
      chunkSize: how.chunkSize,
      memoryBudgetBytes: how.budget,
      ...(how.ahead === true
        ? {
            decodeAhead: (chunks, plan) =>
              decodeAhead(chunks, plan, { afterBytes: 0, isShared: false }),
          }
        : {}),
    })
    expect(failure).toBeNull()
    expect(bench.ledger.overlaps).toEqual([])
    const braze = { ...report.braze, requests: 0 }
    return {
      dump: bench.ledger.dump(),
      records: report.records,
      values: report.values,
      braze,
      points: bench.ledger.dataPoints,
    }
  } finally {
    bench.close()
  }
}

describe('laws of a run', () => {
  it('sends the same whatever the chunks, the concurrency, the requests and the passes', async () => {
    const cut = fc.integer({ min: 1, max: 9 })
    await fc.assert(
      fc.asyncProperty(
        events,
        fc.record({ chunkSize: cut, concurrency: cut, perRequest: cut }),
        async (records, how) => {
          const plain = await outcomeOf(records, {})

          expect(await outcomeOf(records, how)).toEqual(plain)
        },
      ),
      { numRuns: 2 },
    )
  })

  it('sends the same in one pass over the source and in several', async () => {
    await fc.assert(
      fc.asyncProperty(events, fc.constantFrom(1, 20_000), async (records, budget) => {
        expect(await outcomeOf(records, { budget })).toEqual(await outcomeOf(records, {}))
      }),
      { numRuns: 2 },
    )
  })

  it('sends the same when records are decoded on another thread', async () => {
    await fc.assert(
      fc.asyncProperty(events, async (records) => {
        expect(await outcomeOf(records, { ahead: true, chunkSize: 3 })).toEqual(
          await outcomeOf(records, {}),
        )
      }),
      { numRuns: 2 },
    )
  })

  it('sends the same whatever the order of the records', async () => {
    await fc.assert(
      fc.asyncProperty(events, fc.infiniteStream(fc.nat()), async (records, numbers) => {
        const shuffled = records
          .map((record) => ({ record, key: numbers.next().value as number }))
          .sort((a, b) => a.key - b.key)
          .map(({ record }) => record)

        const { dump } = await outcomeOf(shuffled, {})

        expect(dump).toEqual((await outcomeOf(records, {})).dump)
      }),
      { numRuns: 2 },
    )
  })

  it('needs nothing in a second run, and counts every record once', async () => {
    await fc.assert(
      fc.asyncProperty(events, async (records) => {
        const bench = new Bench(SYNCS)
        bench.records = [...records]
        const first = await bench.run()
        const points = bench.ledger.dataPoints

        const again = await bench.run({ kind: REREAD })

        expect(first.report.braze.data_points).toBe(points)
        expect(bench.ledger.dataPoints).toBe(points)
        expect(again.report.braze).toMatchObject({
          attributes: 0,
          events: 0,
          cohort_adds: 0,
          cohort_removals: 0,
          pending: 0,
        })
        for (const { report } of [first, again]) {
          const { read, ...classes } = report.records
          expect(read).toBe(records.length)
          expect(Object.values(classes).reduce((sum, count) => sum + count, 0)).toBe(read)
        }
        bench.close()
      }),
      { numRuns: 2 },
    )
  })

  it('does what the plan said, and nothing else, whatever came since', async () => {
    await fc.assert(
      fc.asyncProperty(events, events, events, async (before, after, since) => {
        const bench = new Bench(SYNCS)
        bench.records = [...before]
        await bench.run()
        bench.records = [...before, ...after]
        const points = bench.ledger.dataPoints

        const plan = await bench.plan()
        const unchanged = bench.ledger.dataPoints
        bench.records = [...before, ...after, ...since]
        const { report } = await bench.run({ expect: plan.expectation })

        expect(unchanged).toBe(points)
        expect(bench.ledger.dataPoints - points).toBe(plan.summary.dataPoints)
        expect(report.braze.attributes).toBe(plan.summary.attributes)
        expect(report.braze.events).toBe(plan.summary.events)
        bench.close()
      }),
      { numRuns: 2 },
    )
  })

  it('ends as an untroubled run does when requests fail and are lost on the way', async () => {
    const fate = fc.constantFrom<Fate>('ok', 'failed', 'lost', 'applied')
    await fc.assert(
      fc.asyncProperty(events, fc.array(fate, { maxLength: 8 }), async (records, fates) => {
        const plain = await outcomeOf(records, {})
        const bench = new Bench(SYNCS)
        bench.records = [...records]
        bench.ledger.fate = (request) => fates[request - 1] ?? 'ok'
        for (let turn = 0; turn < fates.length + 2; turn++) {
          const { report, summary } = await bench.run()
          const { braze, rounds } = report
          const planned =
            summary.attributes + summary.events + summary.cohortAdds + summary.cohortRemovals
          const ended =
            braze.attributes +
            braze.events +
            braze.cohort_adds +
            braze.cohort_removals +
            braze.rejected
          expect(ended + braze.pending + (rounds?.events ?? 0)).toBe(planned)
          if (braze.pending === 0) break
        }

        expect(bench.ledger.dump()).toEqual(plain.dump)
        expect(bench.ledger.overlaps).toEqual([])
        bench.close()
      }),
      { numRuns: 6 },
    )
  })

  it('ends as an untroubled run does when some users fail for a while, and reads nobody else again', async () => {
    const batches = fc.array(fc.array(event, { minLength: 1, maxLength: 12 }), {
      minLength: 3,
      maxLength: 5,
    })
    const troubles = fc.array(fc.subarray(['u1', 'u2', 'u3', 'u4', 'u5', 'u6'], { maxLength: 3 }), {
      minLength: 5,
      maxLength: 5,
    })
    await fc.assert(
      fc.asyncProperty(
        batches,
        troubles,
        fc.constantFrom(2 ** 30, 2 ** 30, 2 ** 30, 20_000),
        async (given, failing, budget) => {
          const inOrder = given.map((batch, turn) =>
            batch.map((one, index) => ({ ...one, at: NOW - 1000 + turn * 100 + index })),
          )
          const calm = await grow(inOrder, { budget, fails: () => false })
          const rough = await grow(inOrder, {
            budget,
            fails: (turn, name) => failing[turn]?.includes(name) === true,
          })

          const missing = new Set(calm.map(({ name }) => name))
          for (const { name } of rough) missing.delete(name)
          expect(rough).toEqual(calm.filter(({ name }) => !missing.has(name)))
          // Whose other values were undone before they could be sent is not made for a first `false`.
          for (const one of calm.filter(({ name }) => missing.has(name)))
            expect(one).toEqual({
              name: one.name,
              attributes: { vip: false },
              events: [],
              cohorts: [],
            })
        },
      ),
      { numRuns: 2, endOnFailure: true },
    )
  })
})

interface Growth {
  readonly budget: number
  readonly fails: (turn: number, user: string) => boolean
}

/** What is held after one run for each batch that comes, and one in calm. */
async function grow(batches: readonly (readonly TestEvent[])[], { budget, fails }: Growth) {
  const bench = new Bench(SYNCS)
  try {
    bench.nowMs = NOW - 5000
    await bench.run()
    bench.nowMs = NOW
    for (let turn = 0; turn <= batches.length; turn++) {
      const before = bench.records.filter(
        ({ user: name }) => name !== undefined && !fails(turn - 1, name),
      ).length
      const all = bench.records.length
      bench.records.push(...(batches[turn] ?? []))
      bench.ledger.fails = (name) => fails(turn, name) && turn < batches.length
      const { report, failure } = await bench.run({ memoryBudgetBytes: budget })
      expect(failure).toBeNull()
      expect(report.records.read).toBeLessThanOrEqual(all - before + (batches[turn]?.length ?? 0))
    }
    expect(bench.ledger.overlaps).toEqual([])
    // A value that is unset before it could ever be sent makes no user.
    return bench.ledger
      .dump()
      .filter(
        ({ attributes, events, cohorts }) =>
          Object.keys(attributes).length + events.length + cohorts.length > 0,
      )
  } finally {
    bench.close()
  }
}
