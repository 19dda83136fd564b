import { Layout, PARTITIONS, readPartition } from '@engage-sync/core'
import type { Cells, Column, StateStore } from '@engage-sync/core'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { INCREMENTAL, RESEND, someUsers } from '../../../src/engine/index.ts'
import type { RunKind } from '../../../src/engine/index.ts'
import { Bench, compile, NOW } from '../harness.ts'
import type { TestEvent } from '../harness.ts'

const SYNC = (promote: string) => ({
  shop: `identity: { alias: { from: anonymousId, label: web, promote: ${promote} } }
traits:
  plan: plan
  worth: { attribute: worth, type: number, event: Worth Computed }
audiences:
  vip: { attribute: vip, event: { entered: In, exited: Out }, cohort: VIPs }
segments:
  rich: { when: { all: [{ trait: worth, more_than: 5 }, { audience: vip, equals: true }] }, cohort: Rich }
  busy: { when: { event: Worth Computed, more_than: 1 }, attribute: busy }
`,
})
/**
 * The same, changed: another type, a segment that time alone moves, a trait that is retired; and a
 * second sync.
 */
const CHANGED = (promote: string) => ({
  shop: `identity: { alias: { from: anonymousId, label: web, promote: ${promote} } }
traits:
  worth: { attribute: worth, type: string, event: Worth Computed }
audiences:
  vip: { attribute: vip, event: { entered: In, exited: Out }, cohort: VIPs }
segments:
  rich: { when: { all: [{ trait: worth, equals: "7" }, { audience: vip, equals: true }] }, cohort: Rich }
  lately: { when: { event: Worth Computed, more_than: 0, within_days: 1 }, attribute: lately }
retire: [{ attribute: plan, by: unset }]
`,
  other: `identity: { alias: { from: anonymousId, label: web, promote: never } }
traits: { plan: { attribute: other_plan } }
`,
})
const WHOLE = 2 ** 30
/**
 * Too little for anything: a pass for every partition, and the aliases are surveyed part by part.
 */
const TINY = 1

const NAMES = ['1', '2', '3', '4', '5', '6', '7', '8']
const who = fc.oneof(
  fc.record({ user: fc.constantFrom(...NAMES.map((name) => `u${name}`)) }),
  fc.record({ anonymous: fc.constantFrom(...NAMES.map((name) => `a${name}`)) }),
  fc.constantFrom(...NAMES).map((name) => ({ user: `u${name}`, anonymous: `a${name}` })),
  fc.record({
    user: fc.constantFrom('u1', 'u2', 'u3'),
    anonymous: fc.constantFrom('a1', 'a2', 'a3'),
  }),
)
const what = fc.oneof(
  fc.record({ trait: fc.constant('plan'), value: fc.constantFrom('free', 'pro', null) }),
  fc.record({ trait: fc.constant('worth'), value: fc.constantFrom(1, 4, 7, 9, null, 'many') }),
  fc.record({ audience: fc.constant('vip'), value: fc.boolean() }),
)
const event: fc.Arbitrary<TestEvent> = fc
  .tuple(who, what, fc.integer({ min: -60, max: -1 }))
  .map(([person, value, at]) => ({ ...person, ...value, at: NOW + at }))
const request: fc.Arbitrary<TestEvent> = fc
  .tuple(who, fc.integer({ min: -60, max: -1 }))
  .map(([person, at]) => ({ ...person, at: NOW + at, forget: true }))
const turns = fc.array(fc.array(event, { minLength: 1, maxLength: 20 }), {
  minLength: 1,
  maxLength: 4,
})
const promote = fc.constantFrom('identify', 'merge')
const budget = fc.constantFrom(TINY, 60_000, 300_000)

/**
 * All the state holds of users, by identifier, whatever the order of the rows; rows that hold
 * nothing left out.
 */
async function rowsOf(store: StateStore): Promise<Readonly<Record<string, unknown>>> {
  const layout = new Layout(
    (await store.values('registry')).get('registry') as unknown as readonly Column[],
  )
  const found: Record<string, unknown> = {}
  for (let number = 0; number < PARTITIONS; number++) {
    const rows = readPartition(number, layout, await store.loadPartition(number))
    for (let row = 0; row < rows.rows; row++) {
      const { flags } = rows
      if (flags.isForgotten(row)) continue
      const words = layout.columns.map((column) => rows.contents(row, column.number))
      const mine = <T>(cells: Cells<T>) =>
        layout.columns.flatMap((column) =>
          cells.has(row, column.number) ? [[column.number, cells.get(row, column.number)]] : [],
        )
      const name = `${rows.kindOf(row)} ${rows.idText(row)}`
      expect(found[name], `one row of ${name}`).toBeUndefined()
      const origins = layout.columns.map((column) => rows.runOf(row, column.number))
      const head = { isCreated: flags.isCreated(row), isMerged: flags.isMerged(row) }
      if (head.isCreated || head.isMerged || words.flat().some((word) => word !== 0))
        found[name] = {
          ...head,
          words,
          origins,
          stored: mine(rows.storedTexts),
          refused: mine(rows.refused),
        }
    }
  }
  return found
}

/** What may be otherwise in one run. */
interface Turn {
  readonly config?: 'changed'
  readonly kind?: RunKind
  /** Days since the last run. */
  readonly days?: number
}

interface How {
  readonly promote: string
  readonly budget: number
  readonly turns?: readonly Turn[]
  readonly fails?: (turn: number, user: string) => boolean
}

/**
 * Braze's side, the plan, the report and the state after each run, one for each batch of records
 * that comes.
 */
async function live(batches: readonly (readonly TestEvent[])[], how: How) {
  const bench = new Bench(SYNC(how.promote))
  const seen: unknown[] = []
  try {
    bench.nowMs = NOW - 5000
    await bench.run()
    bench.nowMs = NOW
    for (const [turn, batch] of batches.entries()) {
      const { config, days = 0, kind = INCREMENTAL } = how.turns?.[turn] ?? {}
      bench.nowMs += days * 86_400_000
      if (config === 'changed') bench.syncs = compile(CHANGED(how.promote))
      bench.records.push(...batch)
      bench.ledger.fails = (name) => how.fails?.(turn, name) === true
      const onDelete = new Map([['shop', 'delete'] as const])
      const options = { memoryBudgetBytes: how.budget, kind, onDelete }
      const plan = await bench.plan(options)
      const { report, summary, failure } = await bench.run({ ...options, expect: plan.expectation })
      expect(failure).toBeNull()
      expect({ ...plan.summary, mappings: null }).toEqual({ ...summary, mappings: null })
      const { records, values, unmapped, reasons, status } = report
      // A partition may be looked at once more than it is due: a user there is seen, and nothing
      // comes of it.
      const users = how.turns === undefined ? report.users : { ...report.users, seen: null }
      const braze = { ...report.braze, requests: null }
      const rows = await bench.withStore(rowsOf)
      seen.push({
        dump: bench.ledger.dump(),
        records,
        values,
        unmapped,
        reasons,
        users,
        status,
        braze,
        rows,
        digest: summary.digest,
      })
    }
    expect(bench.ledger.overlaps).toEqual([])
    return { seen, joined: [...bench.ledger.joined].sort() }
  } finally {
    bench.close()
  }
}

describe('aliases that are joined in several passes', () => {
  it('does the same as in one pass, run by run', async () => {
    await fc.assert(
      fc.asyncProperty(turns, promote, budget, async (batches, how, bytes) => {
        expect(await live(batches, { promote: how, budget: bytes })).toEqual(
          await live(batches, { promote: how, budget: WHOLE }),
        )
      }),
      { numRuns: 2, endOnFailure: true },
    )
  }, 120_000)

  it('does the same as in one pass when users are forgotten, the configuration changes, or days go by', async () => {
    const turn: fc.Arbitrary<Turn> = fc.oneof(
      fc.constant({}),
      fc.constant<Turn>({ config: 'changed' }),
      fc.constant({ kind: RESEND }),
      fc.constant({ kind: someUsers(new Set(['u1', 'a1', 'u2', 'a3'])) }),
      fc.constant({ days: 2 }),
    )
    const batches = fc.array(
      fc.array(fc.oneof({ weight: 9, arbitrary: event }, request), { minLength: 1, maxLength: 20 }),
      {
        minLength: 2,
        maxLength: 4,
      },
    )
    await fc.assert(
      fc.asyncProperty(
        batches,
        promote,
        fc.array(turn, { minLength: 4, maxLength: 4 }),
        async (given, how, all) => {
          expect(await live(given, { promote: how, budget: TINY, turns: all })).toEqual(
            await live(given, { promote: how, budget: WHOLE, turns: all }),
          )
        },
      ),
      { numRuns: 1, endOnFailure: true },
    )
  }, 120_000)

  it('does the same as in one pass when some users fail for a while', async () => {
    const troubles = fc.array(
      fc.subarray([...NAMES.map((name) => `u${name}`), 'alias:web:a1', 'alias:web:a2'], {
        maxLength: 4,
      }),
      {
        minLength: 4,
        maxLength: 4,
      },
    )
    await fc.assert(
      fc.asyncProperty(turns, promote, troubles, async (batches, how, failing) => {
        const fails = (turn: number, name: string) => failing[turn]?.includes(name) === true
        const all = [...batches, [], []]

        expect(await live(all, { promote: how, budget: TINY, fails })).toEqual(
          await live(all, { promote: how, budget: WHOLE, fails }),
        )
      }),
      { numRuns: 2, endOnFailure: true },
    )
  }, 120_000)

  it('counts the same members for the guards as in one pass', async () => {
    const stopsOf = async (memoryBudgetBytes: number) => {
      const bench = new Bench(SYNC('identify'))
      const vip = (person: Pick<TestEvent, 'user' | 'anonymous'>, at: number, value: boolean) => ({
        ...person,
        at,
        audience: 'vip',
        value,
      })
      const pairs = Array.from({ length: 60 }, (_, number) => ({
        user: `u${number}`,
        anonymous: `a${number}`,
      }))
      bench.records = pairs.flatMap(({ user, anonymous }) => [
        vip({ user }, NOW - 50, true),
        vip({ anonymous }, NOW - 49, true),
      ])
      await bench.run()
      bench.records.push(...pairs.map((pair) => vip(pair, NOW - 10, false)))
      const { stops } = await bench.plan({ memoryBudgetBytes })
      bench.close()
      return stops
    }

    const stops = await stopsOf(TINY)

    expect(stops).toMatchObject([{ guard: 'removals', planned: 60, limit: 50 }])
    expect(stops).toEqual(await stopsOf(WHOLE))
  })
})
