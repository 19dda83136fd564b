import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Bench, NOW } from '../harness.ts'
import type { TestEvent } from '../harness.ts'

const SYNC = {
  shop: `backfill: true
identity: { external_id: userId, create_users: true }
traits:
  plan: plan
audiences:
  vip: { attribute: vip, cohort: VIPs }
segments:
  gold:
    when: { all: [{ trait: plan, equals: a }, { audience: vip, equals: true }] }
    attribute: gold
    cohort: Gold
`,
}

const USERS = ['u0', 'u1', 'u2']
const said = fc.oneof(
  fc.record({ trait: fc.constant('plan'), value: fc.constantFrom('a', 'b', null) }),
  fc.record({ audience: fc.constant('vip'), value: fc.boolean() }),
)
const record = fc.record({ user: fc.constantFrom(...USERS), said })
/**
 * How a run ends: whole; at a request whose answer never comes, with all after it; or for requests
 * that lose theirs.
 */
const end = fc.oneof(
  fc.record({ kind: fc.constant('whole' as const), at: fc.constant(0) }),
  fc.record({ kind: fc.constant('dies' as const), at: fc.integer({ min: 1, max: 4 }) }),
  fc.record({ kind: fc.constant('unknown' as const), at: fc.integer({ min: 1, max: 4 }) }),
)
const life = fc.array(fc.record({ records: fc.array(record, { maxLength: 6 }), end }), {
  minLength: 1,
  maxLength: 6,
})

/**
 * What the users of a bench have at the destination; no value, and never having been a member, are
 * the same as null and false.
 */
function held(bench: Bench) {
  return USERS.map((user) => {
    const { attributes, cohorts } = bench.ledger.userOf(user)
    const kept = [...attributes].filter(([, value]) => value !== null && value !== false)
    return { attributes: Object.fromEntries(kept.sort()), cohorts: [...cohorts].sort() }
  })
}

async function live(
  bench: Bench,
  { kind, at }: { readonly kind: 'whole' | 'dies' | 'unknown'; readonly at: number },
): Promise<void> {
  const { ledger } = bench
  const before = ledger.requests
  const send = ledger.send.bind(ledger)
  if (kind === 'unknown') ledger.fate = (request) => (request - before === at ? 'applied' : 'ok')
  if (kind === 'dies')
    ledger.send = async (...request) => {
      const answer = await send(...request)
      if (ledger.requests - before >= at) throw new Error('the connection broke')
      return answer
    }
  await bench.run({ allow: ['removals', 'additions'] })
  ledger.fate = () => 'ok'
  ledger.send = send
}

describe('a value that comes back while its answer is lost', () => {
  it('is told again, so that the destination ends as if nothing had been lost', async () => {
    await fc.assert(
      fc.asyncProperty(life, async (runs) => {
        const bench = new Bench(SYNC)
        const calm = new Bench(SYNC)
        try {
          let at = NOW - 1_000_000
          for (const { records, end: how } of runs) {
            const events = records.map(
              ({ user, said: what }) => ({ user, at: (at += 1000), ...what }) as TestEvent,
            )
            bench.records.push(...events)
            calm.records.push(...events)
            bench.nowMs += 60_000
            await live(bench, how)
          }
          bench.nowMs += 60_000
          await live(bench, { kind: 'whole', at: 0 })
          await live(calm, { kind: 'whole', at: 0 })

          expect(held(bench)).toEqual(held(calm))
          const { report } = await bench.run({ allow: ['removals', 'additions'] })
          expect(report.braze).toMatchObject({ attributes: 0, cohort_adds: 0, cohort_removals: 0 })
        } finally {
          bench.close()
          calm.close()
        }
      }),
      { numRuns: 8 },
    )
  })
})
