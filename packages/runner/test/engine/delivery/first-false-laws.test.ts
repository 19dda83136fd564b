import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Bench, NOW } from '../harness.ts'
import type { TestEvent } from '../harness.ts'

const SYNC = {
  shop: `backfill: true
identity: { alias: { from: anonymousId, label: web, promote: identify } }
traits:
  plan: plan
  prefs: { attribute: prefs, type: object }
audiences:
  vip: { attribute: vip, event: { exited: Out }, cohort: VIPs }
  gold: { attribute: flags.gold }
  beta: { attribute: beta, on_exit: unset }
  club: { attribute: { name: clubs, element: club } }
segments:
  rich: { when: { audience: vip, equals: true }, attribute: rich }
`,
}
const USERS = [0, 1]

const who = fc
  .tuple(fc.constantFrom(...USERS), fc.constantFrom('user', 'user', 'alias', 'both'))
  .map(([number, by]) => ({
    ...(by === 'alias' ? {} : { user: `u${number}` }),
    ...(by === 'user' ? {} : { anonymous: `a${number}` }),
  }))
const said = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({
      audience: fc.constantFrom('vip', 'gold', 'beta', 'club'),
      value: fc.constant(false),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      audience: fc.constantFrom('vip', 'gold', 'beta', 'club'),
      value: fc.constant(true),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ trait: fc.constant('plan'), value: fc.constantFrom('a', 'b', null) }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      trait: fc.constant('prefs'),
      value: fc.constantFrom({ size: 'L' }, null),
    }),
  },
)
const turn = fc.record({
  records: fc.array(fc.tuple(who, said), { maxLength: 4 }),
  end: fc.constantFrom('whole' as const, 'whole' as const, 'dies' as const, 'unknown' as const),
  at: fc.integer({ min: 1, max: 4 }),
  failing: fc.oneof(fc.constant([]), fc.subarray(['u0', 'u1'])),
})
type Turn = typeof turn extends fc.Arbitrary<infer T> ? T : never

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
  const { failure } = await bench.run({ allow: ['removals', 'additions'] })
  if (end === 'whole') expect(failure).toBeNull()
  bench.nowMs += 60_000
  ledger.fate = () => 'ok'
  ledger.send = send
}

const CALM = { end: 'whole', at: 1, failing: [] } as const

/** Whether a record is a reason for somebody to exist. */
function isReason({ value }: TestEvent): boolean {
  return value !== false && value !== null
}

/**
 * What each user was told last of two audiences, by the name of the Braze user; of joined ones
 * under the external id.
 */
function lastTold(
  records: readonly TestEvent[],
): ReadonlyMap<string, { vip?: unknown; gold?: unknown; isReal: boolean }> {
  const joined = new Set(
    records
      .filter(({ user, anonymous }) => user !== undefined && anonymous !== undefined)
      .map(({ anonymous }) => anonymous),
  )
  const told = new Map<string, { vip?: unknown; gold?: unknown; isReal: boolean }>()
  for (const record of records) {
    const { user, anonymous, audience, value } = record
    const name =
      user ?? (joined.has(anonymous) ? `u${anonymous!.slice(1)}` : `alias:web:${anonymous}`)
    const one = told.get(name) ?? { isReal: false }
    one.isReal ||= isReason(record)
    if (audience === 'vip' || audience === 'gold') one[audience] = value
    told.set(name, one)
  }
  return told
}

describe('who is told only what they do not belong to', () => {
  it('is not created by that, and holds all of it once created, however runs end', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(turn, { minLength: 1, maxLength: 5 }), async (turns) => {
        const bench = new Bench(SYNC)
        try {
          let at = NOW - 1_000_000
          // Nobody joins an alias of whom nothing was said.
          bench.records.push(
            ...['a0', 'a1'].map((anonymous) => ({ anonymous, at, audience: 'beta', value: false })),
          )
          for (const { records, ...end } of turns) {
            bench.records.push(
              ...records.map(([one, what]) => ({ ...one, at: (at += 1000), ...what }) as TestEvent),
            )
            await live(bench, end)
          }
          await live(bench, CALM)

          for (const [name, { vip, gold, isReal }] of lastTold(bench.records)) {
            const held = bench.ledger.users.get(name)
            if (!isReal) expect(held, name).toBeUndefined()
            if (held === undefined) continue
            if (vip !== undefined) expect(held.attributes.get('vip'), name).toBe(vip)
            if (gold !== undefined) expect(held.attributes.get('flags'), name).toEqual({ gold })
          }
          const { report } = await bench.run()
          expect(report.braze).toMatchObject({
            attributes: 0,
            events: 0,
            cohort_adds: 0,
            cohort_removals: 0,
          })
        } finally {
          bench.close()
        }
      }),
      { numRuns: 8 },
    )
  }, 120_000)
})
