import { EXTERNAL_ID, partitionOf, userKey } from '@engage-sync/core'
import { afterEach, describe, expect, it } from 'vitest'
import { planRun } from '../../../src/engine/index.ts'
import { SampleCollector } from '../../../src/plan/samples.ts'
import { Bench, eventText, listSource, NOW } from '../harness.ts'

const SYNCS = { shop: 'traits: { plan: plan }\n' }
/**
 * Two passes do not fit: the first has room for the few users of the even partitions, the second
 * not for the many of the odd ones.
 */
const BUDGET = 300_000

function isEven(user: string): boolean {
  return partitionOf(userKey(EXTERNAL_ID, user)) % 2 === 0
}

const names = Array.from({ length: 6000 }, (_, number) => `u${number}`)
const few = names.filter(isEven).slice(0, 20)
const many = names.filter((user) => !isEven(user)).slice(0, 2500)

let bench: Bench
afterEach(() => bench.close())

describe('a cut into passes that did not fit', () => {
  it('leaves nothing in the samples of a plan', async () => {
    bench = new Bench(SYNCS)
    bench.records = [...few, ...many].map((user) => ({
      user,
      at: NOW - 1,
      trait: 'plan',
      value: 'pro',
    }))
    const collector = new SampleCollector(Infinity)
    const collected: number[] = []
    const onStart = () => {
      collected.push(collector.samples.length)
      collector.onStart()
    }

    const { summary } = await bench.withStore((store) =>
      planRun(bench.options(store, { memoryBudgetBytes: BUDGET }), {
        onStart,
        onRow: collector.onRow,
      }),
    )

    expect(collected.slice(0, 3)).toEqual([0, 0, few.length])
    expect([summary.users.changed, collector.samples.length]).toEqual([
      few.length + many.length,
      few.length + many.length,
    ])
  })

  it('leaves nothing in the counts of what is reported', async () => {
    bench = new Bench(SYNCS)
    const asked = few.map((user) => ({ user, at: NOW - 2, forget: true }) as const)
    bench.records = [
      ...asked,
      ...[...few, ...many].map((user) => ({ user, at: NOW - 1, trait: 'plan', value: 'pro' })),
    ]

    const { report } = await bench.run({
      memoryBudgetBytes: BUDGET,
      onDelete: new Map([['shop', 'forget']]),
    })

    expect(report.reasons).toContainEqual(
      expect.objectContaining({ code: 'PRIVACY_USER_CAME_BACK', count: few.length }),
    )
  })
})

describe('several passes', () => {
  it('leave no letter of a user whom a later one forgets, when some user is unfinished', async () => {
    bench = new Bench(SYNCS)
    const gone = names.slice(0, 20)
    const texts = names
      .slice(0, 3000)
      .map((user) => eventText({ user, at: NOW - 3, trait: 'plan', value: 'pro' }))
    const unreadable = [...gone, 'who-stays'].map((user) =>
      texts[0].replace('"u0"', `"${user}"`).replace(/"20[^"]+Z"/, '"yesterday"'),
    )
    const asked = gone.map((user) => eventText({ user, at: NOW - 2, forget: true }))
    bench.ledger.fails = (user) => user === 'u100'
    let passes = 0

    const { report } = await bench.run({
      sources: new Map([['engage', listSource(() => [...texts, ...unreadable, ...asked])]]),
      memoryBudgetBytes: BUDGET,
      onDelete: new Map([['shop', 'forget']]),
      observe: (event) => event.type === 'planned' && (passes = event.passes),
    })

    const letters = await bench.withStore((store) => store.deadLetters({ limit: 99 }))
    expect([passes > 1, report.status]).toEqual([true, 'partial'])
    expect(
      letters.filter(({ stage }) => stage === 'source').map(({ payload }) => userIn(payload)),
    ).toEqual(['who-stays'])
  })
})

/** The user a record that could not be read names. */
function userIn(payload: unknown): string {
  return (
    JSON.parse((payload as { readonly record: string }).record) as { readonly userId: string }
  ).userId
}
