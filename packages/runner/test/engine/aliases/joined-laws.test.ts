import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Bench, NOW } from '../harness.ts'
import type { TestEvent } from '../harness.ts'

const SYNC = {
  shop: `backfill: true
identity: { alias: { from: anonymousId, label: web, promote: identify } }
traits:
  plan: plan
audiences:
  vip: { attribute: vip, cohort: VIPs }
`,
}
const USERS = ['u0', 'u1']

/** A record of a user, of the user's alias, or of both, which joins them. */
const who = fc
  .tuple(fc.constantFrom(0, 1), fc.constantFrom('user', 'alias', 'both'))
  .map(([number, by]) => ({
    ...(by === 'alias' ? {} : { user: `u${number}` }),
    ...(by === 'user' ? {} : { anonymous: `a${number}` }),
  }))
const said = fc.oneof(
  { weight: 3, arbitrary: fc.record({ trait: fc.constant('plan'), isNull: fc.boolean() }) },
  { weight: 1, arbitrary: fc.record({ audience: fc.constant('vip'), value: fc.boolean() }) },
)
const turn = fc.record({
  records: fc.array(fc.record({ who, said }), { maxLength: 6 }),
  end: fc.constantFrom('whole' as const, 'dies' as const, 'unknown' as const),
  at: fc.integer({ min: 1, max: 4 }),
  failing: fc.oneof(fc.constant([]), fc.subarray(USERS)),
})
type Turn = typeof turn extends fc.Arbitrary<infer T> ? T : never

/**
 * A turn's records, each later than the one before. What is said again is another matter, so no
 * value comes twice.
 */
function eventsOf({ records }: Pick<Turn, 'records'>, firstAt: number): readonly TestEvent[] {
  return records.map(({ who: one, said: what }, index) => {
    const at = firstAt + index * 1000
    if (!('trait' in what)) return { ...one, at, ...what }
    return { ...one, at, trait: what.trait, value: what.isNull ? null : `at ${at}` }
  })
}

/**
 * A run that ends whole; at a request whose answer never comes, with all after it; or with one
 * answer lost.
 */
async function live(bench: Bench, { end, at, failing }: Omit<Turn, 'records'>): Promise<void> {
  const { ledger } = bench
  const before = ledger.requests
  const send = ledger.send.bind(ledger)
  ledger.fails = (user) => (failing as readonly string[]).includes(user)
  if (end === 'unknown') ledger.fate = (request) => (request - before === at ? 'applied' : 'ok')
  if (end === 'dies')
    ledger.send = async (...request) => {
      const answer = await send(...request)
      if (ledger.requests - before >= at) throw new Error('the connection broke')
      return answer
    }
  await bench.run({ allow: ['removals', 'additions'] })
  bench.nowMs += 60_000
  ledger.fate = () => 'ok'
  ledger.send = send
}

const CALM = { end: 'whole', at: 1, failing: [] } as const

/** What users have, where no value is the same as null. */
function held({ ledger }: Bench) {
  return USERS.map((user) => {
    const { attributes, cohorts } = ledger.userOf(user)
    return {
      plan: attributes.get('plan') ?? null,
      isVip: attributes.get('vip') === true,
      cohorts: cohorts.size,
    }
  })
}

describe('a user and the alias that joins', () => {
  it('end as if all had been read at once, however runs end', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(turn, { minLength: 1, maxLength: 5 }), async (turns) => {
        const [bench, calm] = [new Bench(SYNC), new Bench(SYNC)]
        try {
          // Nobody joins an alias of whom nothing was said.
          const first = ['a0', 'a1'].map((anonymous) => ({
            anonymous,
            at: NOW - 2_000_000,
            trait: 'plan',
            value: 'first',
          }))
          for (const one of [bench, calm]) one.records.push(...first)
          for (const [number, step] of turns.entries()) {
            const events = eventsOf(step, NOW - 1_000_000 + number * 10_000)
            for (const one of [bench, calm]) one.records.push(...events)
            await live(bench, step)
          }
          await live(bench, CALM)
          await live(calm, CALM)

          expect(held(bench)).toEqual(held(calm))
          const { report } = await bench.run()
          expect(report.braze).toMatchObject({ attributes: 0, cohort_adds: 0, cohort_removals: 0 })
        } finally {
          bench.close()
          calm.close()
        }
      }),
      { numRuns: 8 },
    )
  }, 120_000)
})
