import { generateObjects, ksuid, Random } from '@engage-sync/testkit'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Change } from '@engage-sync/contract'
import { decodeRecord } from '../../../src/decode/record/decode.ts'
import { compareChanges, isCopy } from '../../../src/decode/record/order.ts'

const change = (parts: Partial<Change> = {}): Change => ({
  kind: 'trait',
  key: 'score',
  value: 1,
  identifiers: { userId: 'u_1' },
  time: 1000,
  messageId: 'personas_a',
  ...parts,
})

describe('compareChanges', () => {
  it.each([
    [change({ time: 1, messageId: 'b' }), change({ time: 2, messageId: 'a' }), -1],
    [change({ messageId: 'personas_a' }), change({ messageId: 'personas_b' }), -1],
    [change({ messageId: null }), change({ messageId: 'personas_a' }), -1],
    [change(), change({ value: 2 }), 0],
  ])('puts the earlier first (%#)', (left, right, expected) => {
    expect(Math.sign(compareChanges(left, right))).toBe(expected)
    expect(Math.sign(compareChanges(right, left)) + expected).toBe(0)
  })

  it('follows the seconds in Engage’s message ids', () => {
    const random = new Random(1)

    fc.assert(
      fc.property(
        fc.integer({ min: 1_500_000_000, max: 2_500_000_000 }),
        fc.integer({ min: 1, max: 100_000 }),
        (second, later) => {
          const [before, after] = [second, second + later].map((at) =>
            change({ messageId: `personas_${ksuid(at * 1000, random)}` }),
          )
          expect(compareChanges(before, after)).toBeLessThan(0)
        },
      ),
      { numRuns: 100 },
    )
  })
})

describe('isCopy', () => {
  it.each([
    [
      { identifiers: { userId: 'u_1', email: 'second@example.com' }, messageId: 'personas_z' },
      true,
    ],
    [{ value: 2 }, false],
    [{ time: 1001 }, false],
    [{ key: 'other' }, false],
    [{ kind: 'audience' as const }, false],
  ])('of one change: %o', (parts, expected) => {
    expect(isCopy(change(), change(parts))).toBe(expected)
  })

  it('compares values by what they say', () => {
    expect(isCopy(change({ value: { a: 1, b: [2] } }), change({ value: { b: [2], a: 1 } }))).toBe(
      true,
    )
  })

  it('finds what Engage sent twice for a second identifier', () => {
    const events = [...generateObjects({ users: 50, events: 2000, seed: 4, copies: 0.3, late: 0 })]
    const changes = events
      .map((event) => decodeRecord(event))
      .flatMap((decoded) => (decoded.type === 'changes' ? [decoded.changes[0]] : []))

    const copies = changes.filter((one, index) => index > 0 && isCopy(one, changes[index - 1]))

    expect(copies.length).toBeGreaterThan(20)
    expect(
      copies.every(
        ({ messageId }, index) => index === 0 || messageId !== copies[index - 1].messageId,
      ),
    ).toBe(true)
  })
})
