import type { DeadLetter } from '@engage-sync/core'
import fc from 'fast-check'
import { afterEach, describe, expect, it } from 'vitest'
import { retryOf } from '../../../src/engine/index.ts'
import type { LetterChoice } from '../../../src/state/reading/dead-letters.ts'
import { Bench, NOW } from '../harness.ts'
import type { TestEvent } from '../harness.ts'
import { LedgerDestination } from '../ledger-destination.ts'

const SYNCS = {
  shop: `traits:
  plan: plan
  worth: { attribute: worth, type: number, event: Worth }
  size: { attribute: size, type: number }
audiences:
  vip: { attribute: vip, event: { entered: In, exited: Out } }
`,
}
/** Too little for anything: a pass for every partition. */
const TINY = 1
const REFUSED = { code: 'BRAZE_REJECTED' }

let bench: Bench
afterEach(() => bench.close())

const worth = (user: string, value: unknown, at = NOW - 9): TestEvent => ({
  user,
  at,
  trait: 'worth',
  value,
})
const lettersOf = (of: Bench): Promise<readonly DeadLetter[]> =>
  of.withStore((store) => store.deadLetters({ limit: 100_000 }))

/** What everybody has, with how often. */
function heldBy({ ledger }: Bench) {
  return [...ledger.users].map(([user, { attributes, events }]) => [
    user,
    [...attributes].sort(),
    events.map(({ name, time }) => name + time),
  ])
}

describe('a retry', () => {
  it('does the same in several passes as in one', async () => {
    const user = fc.constantFrom('u1', 'u2', 'u3', 'u4', 'u5', 'u6')
    const what = fc.oneof(
      fc.record({ trait: fc.constant('plan'), value: fc.constantFrom('free', 'pro', null) }),
      fc.record({
        trait: fc.constant('worth'),
        value: fc.constantFrom(1, 4, 7, null, 'many', 'some'),
      }),
      fc.record({ trait: fc.constant('size'), value: fc.constantFrom(1, 2, 'wide') }),
      fc.record({ audience: fc.constant('vip'), value: fc.boolean() }),
    )
    const event = fc
      .tuple(user, what, fc.integer({ min: -30, max: -1 }))
      .map(([name, one, at]) => ({ user: name, ...one, at: NOW + at }))
    const batch = fc.array(event, { minLength: 1, maxLength: 15 })
    await fc.assert(
      fc.asyncProperty(
        batch,
        batch,
        fc.subarray(['u1', 'u2', 'u3', 'u4', 'u5', 'u6']),
        async (refused, newer, stubborn) => {
          const ends = []
          for (const memoryBudgetBytes of [TINY, 2 ** 30]) {
            bench = new Bench(SYNCS, new LedgerDestination())
            bench.nowMs = NOW - 5000
            await bench.run()
            bench.nowMs = NOW
            bench.records = [...refused]
            bench.ledger.refuse = () => REFUSED
            await bench.run()
            bench.ledger.refuse = ({ user: name }) => (stubborn.includes(name) ? REFUSED : null)
            bench.records.push(...newer)
            await bench.run()
            const { report, failure } = await bench.run({ kind: retryOf({}), memoryBudgetBytes })
            const { records, values, braze } = report
            const reasons = report.reasons.map(({ code, count }) => [code, count])
            const left = (await lettersOf(bench)).map(({ code, stage, payload, subject }) =>
              JSON.stringify([code, stage, payload, subject]),
            )
            ends.push([
              failure,
              records,
              values,
              reasons,
              { ...braze, requests: 0 },
              heldBy(bench).sort(),
              left.sort(),
            ])
            bench.close()
          }
          expect(ends[0]).toEqual(ends[1])
        },
      ),
      { numRuns: 5, endOnFailure: true },
    )
  }, 60_000)

  it('repeats no event of a retry that sent only some', async () => {
    bench = new Bench(SYNCS)
    bench.records = Array.from({ length: 20 }, (_, user) => worth(`u${user}`, user))
    bench.ledger.refuse = () => REFUSED
    await bench.run()
    bench.ledger.refuse = ({ user }) => (user === 'u3' ? REFUSED : null)
    bench.ledger.fails = (user) => user === 'u7'

    const first = await bench.run({ kind: retryOf({}) })
    const after = await lettersOf(bench)
    bench.ledger.fails = () => false
    bench.ledger.refuse = () => null
    await bench.run({ kind: retryOf({}) })

    expect(first.report).toMatchObject({
      status: 'partial',
      braze: { attributes: 18, events: 18, rejected: 2, pending: 2 },
    })
    expect(after.map(({ subject }) => subject!.user).sort()).toEqual(['u3', 'u3', 'u7', 'u7'])
    expect([...bench.ledger.users.values()].map(({ events }) => events.length)).toEqual(
      Array.from({ length: 20 }, () => 1),
    )
    expect(await lettersOf(bench)).toEqual([])
  })

  it.each<[string, (letters: readonly DeadLetter[]) => LetterChoice, number]>([
    ['of these numbers', (letters) => ({ ids: new Set([letters[1].id!, letters[2].id!, 999]) }), 2],
    ['of one reason', () => ({ code: 'OTHER' }), 0],
    ['of one run', () => ({ run: 1 }), 4],
  ])('sends the letters %s alone', async (_, choose, sent) => {
    bench = new Bench(SYNCS)
    bench.records = ['u1', 'u2', 'u3', 'u4'].map((user) => ({
      user,
      at: NOW - 9,
      trait: 'plan',
      value: 'pro',
    }))
    bench.ledger.refuse = () => REFUSED
    await bench.run()
    bench.ledger.refuse = () => null

    const { report } = await bench.run({ kind: retryOf(choose(await lettersOf(bench))) })

    expect(report.braze.attributes).toBe(sent)
    expect(await lettersOf(bench)).toHaveLength(4 - sent)
  })

  it('keeps every letter of a record that is rejected once more, however many', async () => {
    bench = new Bench(SYNCS)
    for (let run = 0; run < 2; run++) {
      for (let user = 0; user < 6000; user++) bench.records.push(worth(`u${run}-${user}`, 'many'))
      await bench.run()
    }

    const { report } = await bench.run({ kind: retryOf({}) })
    const left = await lettersOf(bench)

    expect(report).toMatchObject({
      records: { read: 12_000, rejected: 12_000 },
      dead_letters: 10_000,
    })
    expect(new Set(left.map(({ payload }) => JSON.stringify(payload))).size).toBe(12_000)
    expect(left).toHaveLength(12_000)
  }, 30_000)

  it('tells of a record that several mappings reject as often as it did before', async () => {
    bench = new Bench({
      shop: 'traits:\n  worth: { attribute: worth, type: number }\n',
      club: 'traits:\n  worth: { attribute: club_worth, type: number }\n',
    })
    bench.records = [worth('u1', 'many'), worth('u2', 'some')]
    await bench.run()
    const before = await lettersOf(bench)

    await bench.run({ kind: retryOf({}) })

    expect(before).toHaveLength(4)
    expect(await lettersOf(bench)).toHaveLength(4)
  })
})
