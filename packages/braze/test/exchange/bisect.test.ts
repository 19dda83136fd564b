import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { SyncError } from '@engage-sync/contract'
import type { Outcome } from '@engage-sync/contract'
import { BrazeAnswerError } from '../../src/errors.ts'
import { bisect } from '../../src/exchange/bisect.ts'

const DELIVERED: Outcome = { status: 'delivered' }
const rejected = (item: number): Outcome => ({
  status: 'rejected',
  rejection: { code: `NO_${item}`, message: '' },
})
const upTo = (count: number) => Array.from({ length: count }, (_, index) => index)

/** Refuses a request with a bad item: by name where it can, else the whole of it. */
const service = (bad: ReadonlySet<number>, names: ReadonlySet<number>, asked: number[][]) => {
  return async (items: readonly number[]): Promise<readonly (Outcome | null)[]> => {
    asked.push([...items])
    if (!items.some((item) => bad.has(item))) return items.map(() => DELIVERED)
    return items.map((item) =>
      bad.has(item) && (names.has(item) || items.length === 1) ? rejected(item) : null,
    )
  }
}

describe('bisect', () => {
  it('gives each item its own outcome, in order, and asks for none that has one', async () => {
    const someOf = (count: number) => fc.uniqueArray(fc.nat({ max: count - 1 }), { maxLength: 6 })
    const cases = fc
      .integer({ min: 1, max: 60 })
      .chain((count) => fc.tuple(fc.constant(count), someOf(count), someOf(count)))
    await fc.assert(
      fc.asyncProperty(cases, async ([count, bad, names]) => {
        const asked: number[][] = []

        const outcomes = await bisect([upTo(count)], {
          ask: service(new Set(bad), new Set(names), asked),
          repeatable: true,
        })

        expect(outcomes).toEqual(
          upTo(count).map((item) => (bad.includes(item) ? rejected(item) : DELIVERED)),
        )
        for (const items of asked) expect(items).toEqual(items.toSorted((a, b) => a - b))
      }),
    )
  })

  it('asks in halves, the first before the second, and for named ones no more', async () => {
    const asked: number[][] = []

    await bisect([upTo(4)], {
      ask: service(new Set([0, 3]), new Set([3]), asked),
      repeatable: true,
    })

    expect(asked).toEqual([[0, 1, 2, 3], [0, 1, 2], [0, 1], [0], [1], [2]])
  })

  it('throws what ends the first request', async () => {
    const asking = bisect([upTo(2)], {
      ask: () => Promise.reject(new SyncError('DESTINATION_AUTH', 'no')),
      repeatable: true,
    })

    await expect(asking).rejects.toMatchObject({ code: 'DESTINATION_AUTH' })
  })

  it.each([
    [new SyncError('DESTINATION_AUTH', 'the key is bad'), 'the key is bad'],
    [new Error('a secret'), 'stopped'],
  ])('keeps the answers it has when %s ends the rest', async (error, reason) => {
    const ask = async (items: readonly number[]) => {
      if (items.includes(2)) throw error
      return items.map(() => DELIVERED)
    }

    const failed = { status: 'failed', reason, ...(error instanceof SyncError && { error }) }
    expect(await bisect([[0, 1], [2, 3], [4]], { ask, repeatable: false })).toEqual([
      DELIVERED,
      DELIVERED,
      failed,
      failed,
      DELIVERED,
    ])
  })

  it.each([
    [false, 201, 'unknown'],
    [true, 201, 'failed'],
    [false, 404, 'failed'],
  ])(
    'tells what a foreign answer ends: repeatable %s, HTTP %i: %s',
    async (repeatable, status, expected) => {
      const ask = async (items: readonly number[]) => {
        if (items.includes(1))
          throw new BrazeAnswerError('/users/track', { status, what: 'nonsense' })
        return items.map(() => DELIVERED)
      }

      const outcomes = await bisect([[0], [1]], { ask, repeatable })

      expect(outcomes.map((outcome) => outcome.status)).toEqual(['delivered', expected])
    },
  )
})
