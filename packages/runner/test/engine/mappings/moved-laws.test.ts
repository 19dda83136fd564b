import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Bench, compile, NOW } from '../harness.ts'
import type { TestEvent } from '../harness.ts'

/** Names before and after, by the word they stand for. */
const THEN = { score: 'score', seen: 'last.seen', place: 'place', vip: 'vip', rich: 'rich' }
const LATER = { score: 'score_v2', seen: 'seen_at', place: 'home.place', vip: 'best', rich: 'fans' }
const SECTIONS = {
  score: 'traits',
  seen: 'traits',
  place: 'traits',
  vip: 'audiences',
  rich: 'segments',
}
type Word = keyof typeof THEN
const WORDS = Object.keys(THEN) as Word[]

/** One configuration, in whatever names. */
function configuration(names: Record<Word, string>, moved: readonly Word[]): string {
  const { score, seen, place, vip, rich } = names
  const moves = moved.map(
    (word) => `{ from: '${SECTIONS[word]}.${THEN[word]}', to: '${SECTIONS[word]}.${LATER[word]}' }`,
  )
  return `backfill: true
identity: { alias: { from: anonymousId, label: web, promote: identify } }
traits:
  '${score}': { attribute: score, type: number, event: Scored }
  '${seen}': { attribute: seen, type: time }
  '${place}': { attribute: place, type: object }
audiences:
  '${vip}': { attribute: vip, cohort: VIPs, event: { entered: In, exited: Out } }
segments:
  '${rich}': { when: { all: [{ trait: '${score}', more_than: 5 }, { audience: '${vip}', equals: true }] }, attribute: rich, cohort: Rich }
  poor: { when: { not: { any: [{ trait: '${score}', more_than: 5 }, { trait: '${place}.city', equals: Rome }] } }, attribute: poor }
  busy: { when: { event: Scored, trait: '${score}', more_than: 1 }, attribute: busy }
  lately: { when: { event: Scored, trait: '${score}', more_than: 0, within_days: 3 }, attribute: lately }
  fresh: { when: { trait: '${seen}', less_than_days_ago: 2 }, attribute: fresh }
${moves.length === 0 ? '' : `moved: [${moves.join(', ')}]\n`}`
}

const value = fc.oneof(
  fc.record({ word: fc.constant('score' as const), value: fc.constantFrom(1, 4, 7, 9, null) }),
  fc.record({
    word: fc.constant('seen' as const),
    value: fc.constantFrom('2026-02-25T12:00:00Z', '2026-02-28T12:00:00Z', null),
  }),
  fc.record({
    word: fc.constant('place' as const),
    value: fc.constantFrom({ city: 'Rome' }, { city: 'Oslo' }, null),
  }),
  fc.record({ word: fc.constant('vip' as const), value: fc.boolean() }),
)
const who = fc.constantFrom(
  { user: 'u0' },
  { user: 'u1' },
  { user: 'u2' },
  { anonymous: 'a0' },
  { user: 'u0', anonymous: 'a0' },
)
const batch = fc.array(fc.tuple(who, value), { minLength: 1, maxLength: 10 })

type Said = typeof batch extends fc.Arbitrary<infer T> ? T : never

/** Records in some names. A path is a member of the trait it begins with. */
function events(batches: Said, from: number, names: Record<Word, string>): TestEvent[] {
  return batches.map(([user, { word, value: told }], index) => {
    const at = from + index * 1000
    if (word === 'vip') return { ...user, at, audience: names.vip, value: told }
    const [trait, ...path] = names[word].split('.')
    return {
      ...user,
      at,
      trait,
      value: path.reduceRight<unknown>((v, key) => ({ [key]: v }), told),
    }
  })
}

/**
 * A batch without records of an alias alone, if an earlier one named it beside its user.
 *
 * Only a reading of both knows whose the alias is. A run that reads the later one by itself makes a
 * user of it, until a record names both again; one that reads again for a mapping finds the owner.
 */
function withoutOwned(batch: Said, earlier: Said): Said {
  const isOwned = earlier.some(([user]) => 'user' in user && 'anonymous' in user)
  return isOwned ? batch.filter(([user]) => 'user' in user) : batch
}

/** Events say the name of their trait, which is another one now. */
function held({ ledger }: Bench) {
  return ledger.dump().map(({ events: sent, ...rest }) => ({
    ...rest,
    events: sent.map(({ name, time }) => `${name} ${time}`),
  }))
}

describe('a rename that is said', () => {
  it('changes nothing for anybody, then or later', async () => {
    await fc.assert(
      fc.asyncProperty(
        batch,
        fc.oneof(fc.constant<Said>([]), batch),
        batch,
        fc.subarray(WORDS, { minLength: 1 }),
        fc.constantFrom(2 ** 30, 20_000),
        async (before, drawn, after, moved, memoryBudgetBytes) => {
          const gap = withoutOwned(drawn, before)
          const names = Object.fromEntries(
            WORDS.map((word) => [word, moved.includes(word) ? LATER[word] : THEN[word]]),
          ) as Record<Word, string>
          const bench = new Bench({ shop: configuration(THEN, []) })
          const calm = new Bench({ shop: configuration(THEN, []) })
          const allow = ['removals', 'additions']
          try {
            for (const one of [bench, calm]) {
              one.records.push(...events(before, NOW - 1_000_000, THEN))
              expect((await one.run({ memoryBudgetBytes })).failure).toBeNull()
            }
            // Segment may say the new names for a while before the configuration does.
            bench.records.push(...events(gap, NOW - 700_000, names))
            await bench.run({ memoryBudgetBytes, allow })
            // Nobody knows the new names so far; what the others say may be true for as long.
            const isLate = (index: number) => moved.includes(gap[index]![1].word)
            const told = events(gap, NOW - 700_000, THEN)
            calm.records.push(...told.filter((_, index) => !isLate(index)))
            await calm.run({ memoryBudgetBytes, allow })
            calm.records.push(...told.filter((_, index) => isLate(index)))
            bench.syncs = compile({ shop: configuration(names, moved) })
            const { changes, summary } = await bench.plan({ memoryBudgetBytes })
            expect(changes).toMatchObject({ added: [], changed: [], retired: [], orphaned: [] })
            if (gap.length === 0) expect(summary).toMatchObject({ users: { changed: 0 } })
            for (const one of [bench, calm]) await one.run({ memoryBudgetBytes, allow })
            expect(held(bench)).toEqual(held(calm))

            bench.records.push(...events(after, NOW - 500_000, names))
            calm.records.push(...events(after, NOW - 500_000, THEN))
            for (const one of [bench, calm]) await one.run({ memoryBudgetBytes, allow })
            expect(held(bench)).toEqual(held(calm))

            for (const one of [bench, calm]) {
              one.nowMs += 3 * 86_400_000
              await one.run({ memoryBudgetBytes, allow })
            }
            expect(held(bench)).toEqual(held(calm))
          } finally {
            bench.close()
            calm.close()
          }
        },
      ),
      { numRuns: 2 },
    )
  }, 120_000)
})
