import fc from 'fast-check'
import { SyncError } from '@engage-sync/core'
import { describe, expect, it, onTestFinished } from 'vitest'
import { streamGuards } from '../../../src/state/values/stream-guards.ts'
import { compile, NOW } from '../harness.ts'
import type { TestEvent } from '../harness.ts'
import { LedgerDestination } from '../ledger-destination.ts'
import type { Fate } from '../ledger-destination.ts'
import { StreamBench, until } from './stream-bench.ts'

const SYNC = `traits:
  plan: plan
audiences:
  vip: { attribute: vip, event: { entered: In, exited: Out }, cohort: VIPs }
  shopper: { attribute: shopper }
`

const names = Array.from({ length: 12 }, (_, number) => `u${number}`)

const GUARDS = {
  maxRemovals: 1,
  minRemovals: 1000,
  maxAdditions: 1,
  maxDataPoints: 10_000,
  emptySource: 'stop',
} as const

/** Nobody's membership changes there and back while it waits: that is one change or none. */
const change: fc.Arbitrary<Omit<TestEvent, 'at'>> = fc.oneof(
  fc.record({
    user: fc.constantFrom(...names),
    audience: fc.constantFrom('vip', 'shopper'),
    value: fc.constant(false),
  }),
  fc.record({
    user: fc.constantFrom(...names),
    trait: fc.constant('plan'),
    value: fc.constantFrom('free', 'pro'),
  }),
)

/** How many are no members, of all who were. */
function removedFrom({ users }: LedgerDestination) {
  const all = [...users.values()]
  return {
    vip: all.filter(({ cohorts }) => cohorts.size === 0).length,
    shopper: all.filter(({ attributes }) => attributes.get('shopper') === false).length,
  }
}

/** What was taken off the budgets, and what came about. */
async function charges(
  parts: readonly (readonly Omit<TestEvent, 'at'>[])[],
  odd: { readonly fates: readonly Fate[]; readonly delays: readonly number[] },
) {
  const ledger = new LedgerDestination()
  const bench = new StreamBench({ shop: SYNC }, ledger)
  let at = NOW
  const everybody = names.flatMap((user) =>
    ['vip', 'shopper'].map((audience) => ({ user, audience, value: true, at: NOW })),
  )
  try {
    await bench.streaming(
      async ({ taken, settled }) => {
        await taken()
        bench.source.add(everybody)
        await settled()
        const first = ledger.requests + 1
        ledger.fate = (request) => odd.fates[request - first] ?? 'ok'
        ledger.delayMs = (request) => odd.delays[request - first] ?? 0
        for (const part of parts) {
          bench.source.add(part.map((each) => ({ ...each, at: ++at })))
          await taken()
        }
        await settled()
      },
      { guards: GUARDS, lateMs: 1 },
    )
    const { budgets } = await bench.withStore((store) => streamGuards.read(store))
    const used = (key: string) =>
      (budgets.get(key) ?? []).reduce((sum, [, count]) => sum + count, 0)
    return {
      charged: {
        vip: used('removals=shop:audiences.vip'),
        shopper: used('removals=shop:audiences.shopper'),
      },
      removed: removedFrom(ledger),
      points: { charged: used('data_points'), billed: ledger.dataPoints },
    }
  } finally {
    bench.close()
  }
}

const parts = fc.array(fc.array(change, { minLength: 1, maxLength: 8 }), {
  minLength: 1,
  maxLength: 6,
})
const delays = fc.array(fc.constantFrom(0, 0, 6, 20), { maxLength: 20 })

describe('what guards take off their budgets is what changes', () => {
  it('however late answers are, and however often requests fail', async () => {
    const fates = fc.array(fc.constantFrom<Fate>('ok', 'ok', 'failed'), { maxLength: 20 })
    await fc.assert(
      fc.asyncProperty(parts, fates, delays, async (some, fate, ms) => {
        const { charged, removed, points } = await charges(some, { fates: fate, delays: ms })

        expect(charged).toEqual(removed)
        expect(points.charged).toBe(points.billed)
      }),
      { numRuns: 6 },
    )
  })

  it('and of data points what they may have cost, where answers are lost', async () => {
    const fates = fc.array(fc.constantFrom<Fate>('ok', 'lost', 'applied'), { maxLength: 20 })
    await fc.assert(
      fc.asyncProperty(parts, fates, delays, async (some, fate, ms) => {
        const { charged, removed, points } = await charges(some, { fates: fate, delays: ms })

        expect(charged).toEqual(removed)
        expect(points.charged).toBeGreaterThanOrEqual(points.billed)
      }),
      { numRuns: 6 },
    )
  })
})

describe('a change that waits', () => {
  const vip = (user: string, value: boolean, at: number): TestEvent => ({
    user,
    at: NOW + at,
    audience: 'vip',
    value,
  })
  const few = { ...GUARDS, minRemovals: 2, maxRemovals: 0.1 }
  const everybody = names.map((name) => vip(name, true, 1))
  const members = (bench: StreamBench) =>
    [...bench.ledger.users.values()].filter(({ cohorts }) => cohorts.size > 0).length

  it('is sent once, however late its answers are', async () => {
    const bench = benchOf(
      `${SYNC}segments: { lost: { when: { not: { audience: vip, equals: true } }, attribute: lost, cohort: Lost } }\n`,
    )
    await bench.streaming(
      async ({ taken, settled }) => {
        await taken()
        bench.source.add(everybody)
        await settled()
        const before = bench.ledger.dataPoints
        bench.source.add([vip('u0', false, 2)])
        await settled()

        // In two attributes, two cohorts, and an event.
        expect(bench.ledger.dataPoints - before).toBe(5)
      },
      { lateMs: 0 },
    )
  })

  it('is taken off once, however long the destination is away', async () => {
    const bench = benchOf()
    await bench.streaming(
      async ({ stream, taken, settled }) => {
        await taken()
        bench.source.add(everybody)
        await settled()
        let away = 6
        const send = bench.ledger.send.bind(bench.ledger)
        bench.ledger.send = async (request) => {
          if (away-- > 0) throw new SyncError('DESTINATION_UNAVAILABLE', 'away', { hint: 'wait' })
          return await send(request)
        }
        bench.source.add([vip('u0', false, 2), vip('u1', false, 2)])
        await until(() => away < 0)
        await settled()
        expect(stream.status().frozen).toEqual([])
        expect(members(bench)).toBe(10)

        bench.source.add([vip('u2', false, 3)])
        await taken()
        await until(() => stream.status().frozen.length === 1)
      },
      { guards: few },
    )
  })

  it('is taken off once where users cannot be forgotten yet', async () => {
    const bench = benchOf()
    const forget = (user: string): TestEvent => ({ user, at: NOW + 2, forget: true })
    await bench.streaming(
      async ({ stream, taken, settled }) => {
        await taken()
        bench.source.add(everybody)
        await settled()
        let tries = 0
        bench.ledger.fails = () => tries++ < 8
        bench.source.add([forget('u0'), forget('u1')])
        await until(() => tries > 8)
        await settled()
        expect(bench.ledger.deleted.toSorted()).toEqual(['u0', 'u1'])

        bench.source.add([forget('u2')])
        await until(() => stream.status().state === 'waiting')
        expect(stream.status().reason).toMatchObject({ code: 'GUARD_STOPPED' })
      },
      { guards: few, onDelete: new Map([['shop', 'delete']]) },
    )
  })

  it('is taken off once where a start could not deliver it', async () => {
    const bench = benchOf()
    await bench.streaming(
      async ({ taken, settled }) => {
        await taken()
        bench.source.add(everybody)
        await settled()
      },
      { guards: few },
    )
    bench.syncs = compile({ shop: SYNC.replace('plan: plan', 'plan: tariff') })
    bench.source.add([vip('u0', false, 2), vip('u1', false, 2)])
    const first = bench.ledger.requests + 1
    bench.ledger.fate = (request) => (request < first + 3 ? 'failed' : 'ok')
    await bench.streaming(
      async ({ settled }) => {
        await settled()
        expect(members(bench)).toBe(10)
      },
      { guards: few },
    )
  })
})

function benchOf(sync = SYNC): StreamBench {
  const bench = new StreamBench({ shop: sync })
  onTestFinished(() => bench.close())
  return bench
}
