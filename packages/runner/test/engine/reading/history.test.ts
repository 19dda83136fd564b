import type { DecodePlan, RowDecoder, Source } from '@engage-sync/core'
import { createRowDecoder, decodeAhead } from '@engage-sync/segment'
import { afterEach, describe, expect, it } from 'vitest'
import { Bench, compile, eventText, listSource, NOW, wholeSource } from '../harness.ts'
import type { TestEvent } from '../harness.ts'

let bench: Bench
afterEach(() => bench.close())

const USERS = 5
const TWELVE = Array.from({ length: 12 }, (_, index) => `  t${index + 1}: t${index + 1}\n`).join('')
/** An Engage event without its value. */
const UNREADABLE: TestEvent = { user: 'u1', at: NOW - 5, audience: 'vip', value: undefined }

/** A value of each of so many traits for each of five users. */
function valuesOf(traits: number): TestEvent[] {
  return Array.from({ length: traits * USERS }, (_, index) => {
    const name = index % USERS
    return {
      user: `u${name}`,
      at: NOW - 100,
      trait: `t${Math.floor(index / USERS) + 1}`,
      value: `v${name}`,
    }
  })
}

describe('history that is read for some mappings', () => {
  it('costs the other mappings nothing: none of their values is decoded, folded or sent', async () => {
    bench = new Bench({ shop: `traits:\n${TWELVE}` })
    bench.records = valuesOf(13)
    await bench.run()
    bench.syncs = compile({ shop: `traits:\n${TWELVE}  t13: t13\n` })
    const decoded = new Set<string>()
    const createDecoder = (plan: DecodePlan): RowDecoder => {
      const decoder = createRowDecoder(plan)
      return {
        decode: (bytes, start, end) => {
          const row = decoder.decode(bytes, start, end)
          for (let index = 0; index < row.count; index++)
            decoded.add(plan.keys[row.keyIndex[index]].key)
          return row
        },
      }
    }

    const { report } = await bench.run({ createDecoder })

    expect([...decoded]).toEqual(['t13'])
    expect(report.values).toMatchObject({ read: USERS, changed: USERS })
    expect(report.records).toMatchObject({
      read: 13 * USERS,
      changed: USERS,
      skipped: 12 * USERS,
      unmapped: 0,
    })
    expect(report.reasons).toMatchObject([{ code: 'SKIPPED_HISTORY', count: 12 * USERS }])
    expect(report.unmapped).toEqual([])
    expect(report.users.seen).toBe(USERS)
    expect(report.braze.attributes).toBe(USERS)
  })

  it('costs them nothing either where records are decoded on another thread', async () => {
    bench = new Bench({ shop: `traits:\n${TWELVE}` })
    bench.records = valuesOf(13)
    await bench.run()
    bench.syncs = compile({ shop: `traits:\n${TWELVE}  t13: t13\n` })

    const { report } = await bench.run({
      decodeAhead: (chunks, plan) => decodeAhead(chunks, plan, { afterBytes: 0 }),
    })

    expect(report.values).toMatchObject({ read: USERS, changed: USERS })
    expect(report.braze.attributes).toBe(USERS)
  })

  it('is followed by what is new, for all mappings', async () => {
    bench = new Bench({ shop: `traits:\n${TWELVE}` })
    bench.records = [
      ...valuesOf(13),
      { user: 'u1', at: NOW - 500, trait: 't1', value: 'old' },
      UNREADABLE,
    ]
    await bench.run()
    bench.syncs = compile({ shop: `traits:\n${TWELVE}  t13: t13\n` })
    bench.records.push(
      { user: 'u1', at: NOW - 5, trait: 't1', value: 'new' },
      { user: 'u9', at: NOW - 5, trait: 'zzz', value: 1 },
      UNREADABLE,
    )
    const before = bench.records.length - 3

    const { report } = await bench.run()
    const letters = await bench.withStore((store) => store.deadLetters({ limit: 10 }))
    const calm = await bench.run()

    expect(report.records.read).toBe(before + 3)
    expect(report.braze.attributes).toBe(USERS + 1)
    expect(bench.ledger.userOf('u1').attributes.get('t1')).toBe('new')
    expect(report.unmapped).toEqual([{ key: 'zzz', count: 1 }])
    expect(letters.map(({ code, run }) => [code, run])).toEqual([
      ['RECORD_NO_VALUE', 2],
      ['RECORD_NO_VALUE', 1],
    ])
    expect(calm.report.records.read).toBe(0)
  })

  it('fills what a new segment must know of a trait, and leaves the mapping of that trait alone', async () => {
    bench = new Bench({ shop: 'traits:\n  t1: t1\n  t2: t2\n' })
    bench.records = valuesOf(2)
    await bench.run()
    bench.syncs = compile({
      shop: 'traits:\n  t1: t1\n  t2: t2\nsegments:\n  some: { when: { trait: t1, in: [v1, v3] }, attribute: some }\n',
    })

    const { report } = await bench.run()

    expect(report.values.read).toBe(USERS)
    expect(report.braze).toMatchObject({ attributes: 2, events: 0 })
    expect(
      [...bench.ledger.users]
        .filter(([, { attributes }]) => attributes.has('some'))
        .map(([name]) => name),
    ).toEqual(['u1', 'u3'])
  })

  it.each([
    ['positions are no place in an order', '', (source: Source) => wholeSource(source)],
    [
      'aliases are joined to users',
      'identity: { alias: { from: anonymousId, label: a, promote: identify } }\n',
      (source: Source) => source,
    ],
  ])('is read by all mappings where %s', async (_, identity, made) => {
    bench = new Bench({ shop: `${identity}traits:\n  t1: t1\n` })
    bench.records = valuesOf(2)
    const texts = bench.records.map(eventText)
    const sources = new Map([['engage', made(listSource(() => texts))]])
    await bench.run({ sources })
    bench.syncs = compile({ shop: `${identity}traits:\n  t1: t1\n  t2: t2\n` })

    const { report } = await bench.run({ sources })

    expect(report.values.read).toBe(2 * USERS)
    expect(report.braze.attributes).toBe(USERS)
  })

  it('is missed when all of it is gone, and nothing came instead', async () => {
    bench = new Bench({ shop: 'traits:\n  t1: t1\n' })
    bench.records = valuesOf(2)
    await bench.run()
    bench.syncs = compile({ shop: 'traits:\n  t1: t1\n  t2: t2\n' })
    bench.records = []

    await expect(bench.run()).rejects.toMatchObject({ code: 'GUARD_EMPTY_SOURCE' })
  })
})
