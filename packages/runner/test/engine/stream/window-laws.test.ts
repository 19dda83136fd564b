import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Bench, NOW } from '../harness.ts'
import type { TestEvent } from '../harness.ts'
import type { Fate } from '../ledger-destination.ts'
import { byRun, byWindows, cuts, events, inOrder, seen } from './windows.ts'
import type { Cut, Dump } from './windows.ts'

const STATES = `traits:
  plan: plan
  worth: { attribute: worth, type: number }
audiences:
  vip: { attribute: vip, cohort: VIPs }
segments:
  rich: { when: { all: [{ trait: worth, more_than: 5 }, { audience: vip, equals: true }] }, cohort: Rich }
`

const EVENTS = `traits:
  worth: { attribute: worth, type: number, event: Worth Computed }
audiences:
  vip: { attribute: vip, event: { entered: In, exited: Out }, cohort: VIPs }
segments:
  busy: { when: { event: Worth Computed, more_than: 1 }, attribute: busy }
`

/** A run for each part: whom an alias belongs to depends on what was known when it came. */
async function byRuns(sync: string, records: readonly TestEvent[], parts: readonly Cut[]) {
  const bench = new Bench({ shop: sync })
  try {
    await bench.run()
    for (const end of [...endsOf(parts), records.length]) {
      bench.records = records.slice(0, end)
      await bench.run()
    }
    return bench.ledger.dump()
  } finally {
    bench.close()
  }
}

function endsOf(parts: readonly Cut[]): readonly number[] {
  let end = 0
  return parts.map(({ records }) => (end += records))
}

describe('any cut into windows, and any restarts, end as one run over all records', () => {
  it('attributes and memberships, whatever their order', async () => {
    await fc.assert(
      fc.asyncProperty(events, cuts, async (records, how) => {
        const { dump } = await byWindows(STATES, records, { cuts: how })

        expect(seen(dump)).toEqual(seen(await byRun(STATES, records)))
      }),
      { numRuns: 6 },
    )
  })

  it('events, and filters over them, where records come in order of time', async () => {
    await fc.assert(
      fc.asyncProperty(events, cuts, async (records, how) => {
        const { dump } = await byWindows(EVENTS, inOrder(records), { cuts: how })

        expect(seen(dump)).toEqual(seen(await byRun(EVENTS, inOrder(records))))
      }),
      { numRuns: 6 },
    )
  })

  it('also where requests fail, are lost, or have no answer though they were applied', async () => {
    const fates = fc.array(fc.constantFrom<Fate>('ok', 'failed', 'lost', 'applied'), {
      maxLength: 6,
    })
    await fc.assert(
      fc.asyncProperty(events, cuts, fates, async (records, how, odd) => {
        const fate = (request: number) => odd[request - 1] ?? 'ok'

        const { dump } = await byWindows(EVENTS, inOrder(records), { cuts: how, fate })

        expect(seen(dump)).toEqual(seen(await byRun(EVENTS, inOrder(records))))
      }),
      { numRuns: 6 },
    )
  })

  it('also where answers are late, whatever they are', async () => {
    const fates = fc.array(fc.constantFrom<Fate>('ok', 'failed', 'lost', 'applied'), {
      maxLength: 6,
    })
    const delays = fc.array(fc.constantFrom(0, 0, 12), { maxLength: 8 })
    await fc.assert(
      fc.asyncProperty(events, cuts, fc.tuple(fates, delays), async (records, how, odd) => {
        const fate = (request: number) => odd[0][request - 1] ?? 'ok'
        const delayMs = (request: number) => odd[1][request - 1] ?? 0

        const { dump } = await byWindows(EVENTS, inOrder(records), { cuts: how, fate, delayMs })

        expect(seen(dump)).toEqual(seen(await byRun(EVENTS, inOrder(records))))
      }),
      { numRuns: 6 },
    )
  })

  it('as runs of the same parts do, where aliases turn out to be users', async () => {
    const who = fc
      .tuple(fc.constantFrom(0, 1), fc.constantFrom('user', 'alias', 'both'))
      .map(([number, by]) => ({
        ...(by === 'alias' ? {} : { user: `u${number}` }),
        ...(by === 'user' ? {} : { anonymous: `a${number}` }),
      }))
    const said = fc.oneof(
      fc.record({ trait: fc.constant('plan'), isNull: fc.boolean() }),
      fc.record({ audience: fc.constant('vip'), value: fc.boolean() }),
    )
    // A part that is cut short by a kill, or waits, would be one with the next.
    const whole = cuts.map((all) =>
      all.map((cut): Cut => (cut.restarts === 'killed' ? { ...cut, restarts: 'ended' } : cut)),
    )
    const records = fc.array(fc.tuple(who, said), { minLength: 1, maxLength: 15 })
    await fc.assert(
      fc.asyncProperty(records, whole, async (some, how) => {
        const told = some.map(([one, what], index): TestEvent => {
          const at = NOW + index
          return 'trait' in what
            ? { ...one, at, trait: what.trait, value: what.isNull ? null : `at ${index}` }
            : { ...one, at, ...what }
        })

        const { dump } = await byWindows(ALIASES, told, { cuts: how, isUncut: true })

        expect(heldOf(dump)).toEqual(heldOf(await byRuns(ALIASES, told, how)))
      }),
      { numRuns: 6 },
    )
  })
})

const ALIASES = `backfill: true
identity: { alias: { from: anonymousId, label: web, promote: identify } }
traits:
  plan: plan
audiences:
  vip: { attribute: vip, cohort: VIPs }
`

/** What users have, where no value is the same as null, and no member the same as nobody. */
function heldOf(dump: Dump) {
  return dump
    .filter(({ name }) => name.startsWith('u'))
    .map(({ name, attributes, cohorts }) => ({
      name,
      plan: attributes['plan'] ?? null,
      isVip: attributes['vip'] === true,
      cohorts,
    }))
    .filter(({ plan, isVip }) => plan !== null || isVip)
}
