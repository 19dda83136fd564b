import { Layout, PARTITIONS, readPartition } from '@engage-sync/core'
import type { Column, OnDelete, Packer, StateStore } from '@engage-sync/core'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Bench, compile, eventText, listSource, NOW, wholeSource } from '../harness.ts'
import type { TestEvent } from '../harness.ts'
import { LedgerDestination } from '../ledger-destination.ts'

const DAY = 86_400_000

/** What a configuration may hold, each in several forms. */
const PARTS = {
  plan: [
    '',
    '  plan: plan',
    '  plan: { attribute: tier }',
    '  plan: { attribute: plan, event: Plan }',
    '  plan: { attribute: plan, backfill: false }',
  ],
  worth: [
    '',
    '  worth: worth',
    '  worth: { attribute: worth, type: number, event: Worth }',
    '  worth: { attribute: worth, backfill: false, type: number }',
  ],
  vip: [
    '',
    '  vip: vip',
    '  vip: { attribute: vip, event: { entered: In, exited: Out }, cohort: VIPs }',
    '  vip: { cohort: VIPs, attribute: vip, backfill: false }',
  ],
  rich: [
    '',
    '  rich: { when: { trait: worth, more_than: 5 }, attribute: rich }',
    '  rich: { when: { all: [{ trait: worth, more_than: 3 }, { audience: vip, equals: true }] }, cohort: Rich }',
    '  rich: { when: { not: { trait: worth, more_than: 5 } }, attribute: rich, backfill: false }',
  ],
  pro: [
    '',
    '  pro: { when: { trait: plan, in: [pro] }, attribute: pro, event: { entered: Pro, exited: Unpro } }',
    '  pro: { when: { any: [{ trait: plan, in: [pro] }, { trait: worth, more_than: 8 }] }, attribute: pro }',
  ],
  identity: [
    '',
    'identity: { external_id: userId, alias: { from: anonymousId, label: anonymous } }',
    'identity: { external_id: userId, create_users: false }',
  ],
} as const
type Choice = Readonly<Record<keyof typeof PARTS, number>>

function syncText(choice: Choice, more = ''): string {
  const part = (name: keyof typeof PARTS): string => PARTS[name][choice[name]]
  const section = (name: string, lines: readonly string[]): string => {
    const held = lines.filter((line) => line !== '')
    return held.length === 0 ? '' : `${name}:\n${held.join('\n')}\n`
  }
  return `${more}${part('identity')}\n${section('traits', [part('plan'), part('worth')])}${section('audiences', [part('vip')])}${section('segments', [part('rich'), part('pro')])}`
}

/** A sync beside it that reads the same source, and whose names are its own. */
const OTHER = [
  '',
  'traits:\n  plan: plan_too\n',
  'traits:\n  worth: { attribute: worth_too, type: number }\nsegments:\n  poor: { when: { trait: worth, less_than: 4 }, attribute: poor }\n',
]

const choice: fc.Arbitrary<Choice> = fc.record(
  Object.fromEntries(
    Object.entries(PARTS).map(([name, forms]) => [name, fc.nat(forms.length - 1)]),
  ),
) as never
const user = fc.constantFrom('u1', 'u2', 'u3', 'u4', 'u5', 'u6')
const someone = fc.oneof(
  { weight: 5, arbitrary: fc.record({ user }) },
  { weight: 1, arbitrary: fc.record({ anonymous: fc.constantFrom('a1', 'a2') }) },
)
const back = fc.integer({ min: 1, max: 3 * DAY })
const said = fc.oneof(
  fc.record({ trait: fc.constant('plan'), value: fc.constantFrom('free', 'pro', null) }),
  fc.record({ trait: fc.constant('worth'), value: fc.constantFrom(1, 4, 7, 9, null, 'many') }),
  fc.record({ audience: fc.constant('vip'), value: fc.boolean() }),
  fc.record({ trait: fc.constant('other'), value: fc.constant(1) }),
)
const record = fc.oneof(
  {
    weight: 12,
    arbitrary: fc.tuple(someone, back, said).map(([who, at, what]) => ({ ...who, at, ...what })),
  },
  // Who was forgotten and comes back is another matter: only mappings that read history bring the
  // past back.
  {
    weight: 1,
    arbitrary: fc.record({
      user,
      at: fc.constant(-1000 * DAY),
      forget: fc.constant(true as const),
    }),
  },
)
const turn = fc.record({
  choice,
  other: fc.nat(OTHER.length - 1),
  isThere: fc.oneof(
    { weight: 6, arbitrary: fc.constant(true) },
    { weight: 1, arbitrary: fc.constant(false) },
  ),
  records: fc.array(record, { maxLength: 12 }),
  failing: fc.oneof(
    { weight: 3, arbitrary: fc.constant([]) },
    { weight: 1, arbitrary: fc.subarray(['u1', 'u2', 'u3']) },
  ),
  chunkSize: fc.integer({ min: 1, max: 9 }),
  budget: fc.oneof(
    { weight: 8, arbitrary: fc.constant(2 ** 30) },
    { weight: 1, arbitrary: fc.constant(50_000) },
  ),
})
type Turn = typeof turn extends fc.Arbitrary<infer T> ? T : never

/** The turns' records, each turn's before its own day. */
function recordsOf({ records }: Turn, number: number): readonly TestEvent[] {
  return records.map((one) => ({ ...one, at: NOW + number * DAY - one.at }))
}

function syncsOf({ choice: chosen, other, isThere }: Turn): Readonly<Record<string, string>> {
  return {
    ...(isThere ? { shop: syncText(chosen) } : {}),
    ...(OTHER[other] === '' ? {} : { more: OTHER[other] }),
  }
}

/** Notes whom each update would create. */
class NotingLedger extends LedgerDestination {
  readonly created: string[] = []

  override createPacker(): Packer {
    const packer = super.createPacker()
    return {
      ...packer,
      add: (update) => {
        this.created.push(`${JSON.stringify(update.user)} ${update.createUser}`)
        return packer.add(update)
      },
    }
  }
}

/** One environment of a pair, and how it reads the source. */
class Side {
  readonly ledger = new NotingLedger()
  readonly bench = new Bench({ shop: 'traits:\n  plan: plan\n' }, this.ledger)
  readonly #isSplit: boolean
  readonly #onDelete: OnDelete

  constructor(isSplit: boolean, onDelete: OnDelete) {
    this.#isSplit = isSplit
    this.#onDelete = onDelete
    for (const name of ['u1', 'u2', 'u3', 'u4', 'u5', 'u6']) this.ledger.userOf(name)
    for (const name of ['a1', 'a2']) this.ledger.userOf(`alias:anonymous:${name}`)
  }

  async take(step: Turn, number: number) {
    const { bench } = this
    const syncs = syncsOf(step)
    bench.records.push(...recordsOf(step, number))
    if (Object.keys(syncs).length === 0) return null
    bench.syncs = compile(syncs)
    bench.nowMs = NOW + number * DAY
    bench.ledger.fails = (name) => (step.failing as readonly string[]).includes(name)
    const texts = bench.records.map(eventText)
    const source = listSource(() => texts, step.chunkSize)
    const how = {
      sources: new Map([['engage', this.#isSplit ? source : wholeSource(source)]]),
      memoryBudgetBytes: step.budget,
      onDelete: new Map(Object.keys(syncs).map((name) => [name, this.#onDelete] as const)),
    }
    const plan = await bench.plan(how)
    // The plan packs too, only to count requests, and once more where the budget asks for another
    // cut.
    this.ledger.created.length = 0
    const { report, summary, failure, changes } = await bench.run({
      ...how,
      expect: plan.expectation,
    })
    expect(failure).toBeNull()
    expect(bench.ledger.overlaps).toEqual([])
    for (const { records } of [report, ...report.syncs]) {
      const { read, ...classes } = records
      expect(Object.values(classes).reduce((sum, count) => sum + count, 0)).toBe(read)
    }
    expect(new Set(report.syncs.map(({ records }) => records.read))).toEqual(
      new Set([report.records.read]),
    )
    const { attributes, events, cohortAdds, cohortRemovals, dataPoints, digest } = plan.summary
    const sent = { ...report.braze, requests: 0 }
    return {
      sent,
      planned: { attributes, events, cohortAdds, cohortRemovals, dataPoints, digest },
      kinds: summary.kinds,
      changes,
      held: bench.ledger.dump(),
      points: bench.ledger.dataPoints,
      created: this.ledger.created.splice(0).toSorted(),
      rows: await bench.withStore(rowsOf),
    }
  }
}

/**
 * What the state holds of every user: the words of each column that are not zero, by user and
 * column.
 */
async function rowsOf(store: StateStore) {
  const layout = new Layout(
    (await store.values('registry')).get('registry') as unknown as readonly Column[],
  )
  const rows: Record<string, Record<string, string>> = {}
  for (let number = 0; number < PARTITIONS; number++) {
    const partition = readPartition(number, layout, await store.loadPartition(number))
    for (let row = 0; row < partition.rows; row++) {
      if (partition.flags.isForgotten(row)) continue
      const held = layout.columns.map(({ id, number: column }): [string, string] => [
        id,
        partition.contents(row, column).join(' '),
      ])
      const refused = layout.columns.map(({ id, number: column }): [string, string] => [
        `${id} refused`,
        Object.values(partition.refused.get(row, column) ?? {}).join(),
      ])
      const filled = [...held, ...refused].filter(([, text]) => /[1-9]/.test(text))
      if (filled.length > 0)
        rows[`${partition.kindOf(row)} ${partition.idText(row)}`] = Object.fromEntries(filled)
    }
  }
  return rows
}

describe('laws of history', () => {
  it('is sent and left as if everything had been read for every mapping, though it was read for some', async () => {
    const turns = fc.array(turn, { minLength: 2, maxLength: 5 })
    await fc.assert(
      fc.asyncProperty(
        turns,
        fc.constantFrom<OnDelete>('report', 'forget'),
        async (steps, onDelete) => {
          const [split, whole] = [new Side(true, onDelete), new Side(false, onDelete)]
          try {
            for (const [number, step] of steps.entries()) {
              const calm = number === steps.length - 1 ? { ...step, failing: [] } : step
              expect(await split.take(calm, number)).toEqual(await whole.take(calm, number))
            }
          } finally {
            split.bench.close()
            whole.bench.close()
          }
        },
      ),
      { numRuns: 3, endOnFailure: true },
    )
  }, 120_000)
})
