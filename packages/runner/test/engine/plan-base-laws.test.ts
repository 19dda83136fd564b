import fc from 'fast-check'
import { describe, expect, it, onTestFinished } from 'vitest'
import { planRun } from '../../src/engine/index.ts'
import type { EngineOptions, PlanResult } from '../../src/engine/index.ts'
import { viewBase } from '../../src/plan/base-view.ts'
import type { BaseView } from '../../src/plan/base-view.ts'
import { Bench, compile, NOW } from './harness.ts'
import type { TestEvent } from './harness.ts'

const SEGMENT = 'segments: { rich: { when: { trait: worth, more_than: 4 }, cohort: Rich } }\n'
const STATE = `traits: { worth: ltv, plan: plan }\naudiences: { vip: { attribute: vip, cohort: VIPs } }\n${SEGMENT}`

/** Configurations that a team may come to from the one the state knows. */
const CONFIGS = {
  same: STATE,
  renamed: STATE.replace('worth: ltv', 'worth: lifetime_value'),
  typed: STATE.replace('plan: plan', 'plan: { attribute: plan, type: string }'),
  filtered: STATE.replace('more_than: 4', 'more_than: 2'),
  moved: STATE.replace('plan: plan }', 'tier: plan }').concat(
    'moved: [{ from: traits.plan, to: traits.tier }]\n',
  ),
  retired: STATE.replace(', plan: plan', '').concat('retire: [{ attribute: plan, by: unset }]\n'),
  added: STATE.replace('plan: plan', 'plan: plan, city: city'),
  dropped: STATE.replace(', cohort: VIPs', ''),
  events: STATE.replace('worth: ltv', 'worth: { attribute: ltv, event: Worth }'),
  aliases: `identity: { external_id: userId, alias: { from: anonymousId, label: site, promote: identify } }\n${STATE}`,
}
type Name = keyof typeof CONFIGS

const USERS = ['u1', 'u2', 'u3', 'u4']
const event: fc.Arbitrary<TestEvent> = fc.oneof(
  fc.record({
    user: fc.constantFrom(...USERS),
    at: fc.integer({ min: NOW - 900, max: NOW - 1 }),
    trait: fc.constantFrom('worth', 'plan', 'city'),
    value: fc.oneof(fc.integer({ min: 1, max: 6 }), fc.constant(null)),
  }),
  fc.record({
    user: fc.constantFrom(...USERS),
    at: fc.integer({ min: NOW - 900, max: NOW - 1 }),
    audience: fc.constant('vip'),
    value: fc.boolean(),
  }),
)
const events = fc.array(event, { maxLength: 14 })
const withAlias = fc.array(
  fc.tuple(event, fc.constantFrom('a1', 'a2', null)).map(([one, anonymous]) => ({
    ...one,
    ...(anonymous !== null && { anonymous }),
  })),
  { maxLength: 14 },
)

/** Everybody is somebody: what waits for a user to be created travels twice, and is not seen twice. */
const CREATED = USERS.map((user) => ({ user, at: NOW - 999, trait: 'plan', value: 'free' }))

/** A bench whose state knows the first records by the first configuration. */
async function prepared(before: readonly TestEvent[], name: Name = 'same'): Promise<Bench> {
  const bench = new Bench({ shop: CONFIGS[name] })
  for (const user of USERS) bench.ledger.userOf(user)
  // By itself: of what one run reads, a later null would leave nothing to create anybody with.
  bench.records = CREATED
  await bench.run()
  bench.records = [...CREATED, ...before]
  await bench.run()
  bench.nowMs += 60_000
  return bench
}

/** What a plan with one configuration says beside another. */
function planBeside(
  bench: Bench,
  names: { readonly now: Name; readonly base: Name },
  more: Partial<EngineOptions> = {},
): Promise<PlanResult> {
  bench.syncs = compile({ shop: CONFIGS[names.now] })
  const base = { syncs: compile({ shop: CONFIGS[names.base] }) }
  return bench.withStore((store) => {
    const options = bench.options(store, more)
    return planRun(options, {}, { ...options, ...base, former: base.syncs })
  })
}

/** What Braze holds, one text a value or membership. */
function held({ ledger }: Bench): ReadonlySet<string> {
  return new Set(
    [...ledger.users].flatMap(([user, { attributes, cohorts }]) => [
      ...[...attributes].map(([name, value]) => JSON.stringify([user, name, value])),
      ...[...cohorts].map((cohort) => JSON.stringify([user, cohort])),
    ]),
  )
}

/** What differs in Braze between two instants, one text a value or membership that came, went or changed. */
function changesIn(before: ReadonlySet<string>, after: ReadonlySet<string>): ReadonlySet<string> {
  const nameOf = (text: string) => JSON.stringify((JSON.parse(text) as unknown[]).slice(0, 2))
  const stays = new Set([...after].map(nameOf))
  return new Set([
    ...[...after].filter((text) => !before.has(text)),
    ...[...before].filter((text) => !stays.has(nameOf(text))).map((text) => `no ${nameOf(text)}`),
  ])
}

const without = (all: ReadonlySet<string>, some: ReadonlySet<string>) =>
  [...all].filter((one) => !some.has(one)).length

const viewOf = (plan: PlanResult): BaseView => viewBase(plan, 'main', (id) => id)!
const partsIn = (
  plans: Iterable<{
    new: number
    changed: number
    unset: number
    cohortAdds: number
    cohortRemovals: number
  }>,
) =>
  [...plans].reduce(
    (sum, one) => sum + one.new + one.changed + one.unset + one.cohortAdds + one.cohortRemovals,
    0,
  )

const name = fc.constantFrom(...(Object.keys(CONFIGS) as Name[]))
const plain = name.filter((one) => one !== 'aliases')
const budget = fc.constantFrom({}, { memoryBudgetBytes: 1 })

describe('a plan beside another configuration', () => {
  it('says as its effect what Braze would get of it alone, whatever waits anyway', async () => {
    await fc.assert(
      fc.asyncProperty(
        events,
        events,
        plain,
        plain,
        budget,
        async (before, after, now, base, more) => {
          const [ours, theirs] = [await prepared(before), await prepared(before)]
          onTestFinished(() => [ours, theirs].forEach((bench) => bench.close()))
          const old = held(ours)
          for (const bench of [ours, theirs]) bench.records = [...CREATED, ...before, ...after]
          const plan = await planBeside(ours, { now, base }, more)
          theirs.syncs = compile({ shop: CONFIGS[base] })
          const guards = { allow: ['removals', 'additions'] }
          await ours.run(guards)
          await theirs.run(guards)

          const [here, there] = [changesIn(old, held(ours)), changesIn(old, held(theirs))]

          const isTold = now !== 'events' && base !== 'events'
          expect(partsIn(plan.base!.effect.mappings.values())).toBe(without(here, there))
          if (isTold) expect(plan.base!.effect.prevented).toBe(without(there, here))
        },
      ),
      { numRuns: 6 },
    )
  })

  it('has no effect beside itself, also where aliases are joined', async () => {
    await fc.assert(
      fc.asyncProperty(withAlias, withAlias, name, budget, async (before, after, now, more) => {
        const bench = await prepared(before, 'aliases')
        onTestFinished(() => bench.close())
        bench.records = [...CREATED, ...before, ...after]

        const plan = await planBeside(bench, { now, base: now }, more)

        expect(plan.base).toMatchObject({
          changed: [],
          left: [],
          effect: { users: 0, prevented: 0 },
        })
        expect([...plan.base!.effect.mappings]).toEqual([])
      }),
      { numRuns: 6 },
    )
  })

  it('adds up to the whole with what waits, and is what the plan is without the other', async () => {
    await fc.assert(
      fc.asyncProperty(
        withAlias,
        withAlias,
        name,
        name,
        budget,
        async (before, after, now, base, more) => {
          const bench = await prepared(before, 'aliases')
          onTestFinished(() => bench.close())
          bench.records = [...CREATED, ...before, ...after]
          const plan = await planBeside(bench, { now, base }, more)
          const alone = await bench.plan(more)

          const { effect, waiting } = viewOf(plan)

          expect(plan.summary.digest).toBe(alone.summary.digest)
          expect(plan.expectation).toEqual(alone.expectation)
          expect(effect.data_points + waiting.data_points).toBe(alone.summary.dataPoints)
          expect(effect.users + waiting.users).toBe(alone.summary.users.changed)
          for (const [id, whole] of alone.summary.mappings) {
            const of = (part: BaseView['effect']) =>
              part.mappings.find(({ mapping }) => mapping === id)
            expect((of(effect)?.events ?? 0) + (of(waiting)?.events ?? 0)).toBe(whole.events)
            expect(of(waiting)?.users ?? 0).toBeGreaterThanOrEqual(0)
          }
        },
      ),
      { numRuns: 6 },
    )
  })

  it('takes a configuration without the sync for nothing, so that all is its effect', async () => {
    const bench = await prepared([])
    onTestFinished(() => bench.close())
    bench.records.push({ user: 'u1', at: NOW - 5, trait: 'plan', value: 'pro' })

    const plan = await bench.withStore((store) => {
      const options = bench.options(store)
      return planRun(options, {}, { ...options, syncs: [], former: [] })
    })

    expect(viewOf(plan)).toMatchObject({
      effect: { users: 1, data_points: 1 },
      waiting: { users: 0, data_points: 0, mappings: [] },
    })
    expect(plan.base!.changed.map(({ kind }) => kind)).toEqual(['added', 'added', 'added', 'added'])
  })
})
