import fc from 'fast-check'
import { expect, it } from 'vitest'
import type { TestEvent } from '../harness.ts'
import { allow, NOBODY_LEAVES } from './members.ts'
import { StreamBench, until } from './stream-bench.ts'
import type { Running } from './stream-bench.ts'
import { byRun, inOrder, seen } from './windows.ts'

const SHOP = `traits:
  plan: plan
  age: { attribute: age, type: number }
audiences:
  vip: { attribute: vip, event: { entered: In, exited: Out }, cohort: VIPs }
  gold: { attribute: gold, cohort: Gold }
segments:
  both: { when: { all: [{ audience: vip, equals: true }, { audience: gold, equals: true }] }, cohort: Both }
`
const user = fc.constantFrom('u1', 'u2', 'u3')
const at = fc.constant(0)
const audience = fc.constantFrom('vip', 'gold')
const record: fc.Arbitrary<TestEvent> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ user, at, audience, value: fc.boolean() }) },
  fc.record({ user, at, trait: fc.constant('plan'), value: fc.constantFrom('a', 'b') }),
  fc.record({ user, at, trait: fc.constant('age'), value: fc.constantFrom(1, 2, 'old') }),
)

/** What happens next, beside records that come. */
interface Step {
  readonly records: number
  /** Whether they are taken before anything else happens. */
  readonly waits: boolean
  /** Of whom requests fail from then on. */
  readonly failing: readonly string[]
  /** How long an answer takes from then on, milliseconds. */
  readonly delayMs: number
  /** Which of the guards that hold something is allowed, if any. */
  readonly allows: number | null
}
const steps: fc.Arbitrary<readonly Step[]> = fc.array(
  fc.record({
    records: fc.integer({ min: 1, max: 4 }),
    waits: fc.boolean(),
    failing: fc.oneof({ weight: 2, arbitrary: fc.constant([]) }, fc.uniqueArray(user)),
    delayMs: fc.constantFrom(0, 0, 12),
    allows: fc.option(fc.nat({ max: 3 })),
  }),
  { minLength: 5, maxLength: 10 },
)

const guards = NOBODY_LEAVES

/** Does one after another, and all that is left of the records at last. */
async function live(
  bench: StreamBench,
  { stream, taken }: Running,
  left: TestEvent[],
  all: readonly Step[],
): Promise<void> {
  for (const { records, waits, failing, delayMs, allows } of all) {
    bench.ledger.fails = (name) => failing.includes(name)
    bench.ledger.delayMs = () => delayMs
    bench.source.add(left.splice(0, records))
    if (waits || allows !== null) await taken()
    const { frozen } = stream.status()
    if (allows !== null && frozen.length > 0)
      await allow(bench, frozen[allows % frozen.length]!.allow)
  }
  bench.ledger.fails = () => false
  bench.ledger.delayMs = () => 0
  bench.source.add(left)
  await taken()
}

async function allowAll(bench: StreamBench, { stream }: Running): Promise<void> {
  const isFrozen = () => stream.status().frozen.length > 0
  for (;;) {
    await until(() => stream.status().heldUsers === 0 || isFrozen())
    if (!isFrozen()) return
    for (const { allow: request } of stream.status().frozen) await allow(bench, request)
    await until(() => !isFrozen())
  }
}

it('counts every record and value once, whatever is frozen, allowed, late, rejected and fails', async () => {
  const events = fc.array(record, { minLength: 12, maxLength: 24 })
  await fc.assert(
    fc.asyncProperty(events, steps, async (drawn, what) => {
      const records = inOrder(drawn)
      const bench = new StreamBench({ shop: SHOP })
      try {
        const { report } = await bench.streaming(
          async (running) => {
            await running.taken()
            await live(bench, running, [...records], what)
            await allowAll(bench, running)
            await running.settled()
            expect(running.stream.status().records.read).toBe(records.length)
            return { report: (await running.stop()).report! }
          },
          { guards, lateMs: 4 },
        )
        const rejected = records.filter(({ value }) => value === 'old').length
        expect(report.records.read).toBe(records.length)
        expect(report.syncs[0]?.records.read).toBe(records.length)
        expect(report.values).toMatchObject({ read: records.length, rejected })
        expect(report.braze.pending).toBe(0)
        expect(seen(bench.ledger.dump())).toEqual(seen(await byRun(SHOP, records)))
        expect(bench.ledger.overlaps).toEqual([])
      } finally {
        bench.close()
      }
    }),
    { numRuns: 8 },
  )
})
