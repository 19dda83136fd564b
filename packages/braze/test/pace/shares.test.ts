import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { renewShare } from '../../src/pace/shares.ts'
import type { RateBook } from '../../src/pace/shares.ts'

const TERMS = { ttlMs: 3000, countsMs: 5000 }

/** Asks one after another at one instant, giving back what is not needed, until nothing moves. */
function settled(total: number, wanted: Readonly<Record<string, number>>): RateBook {
  let book: RateBook = {}
  const targets: Record<string, number> = {}
  for (let round = 0; round < 4; round++)
    for (const [worker, want] of Object.entries(wanted)) {
      const held = targets[worker] ?? 0
      const asked = { worker, total, held, wanted: want, ...TERMS }
      const { book: after, given } = renewShare(book, asked, 0)
      book = after
      targets[worker] = given.target
    }
  return book
}

const grantedIn = (book: RateBook) =>
  Object.fromEntries(Object.entries(book).map(([worker, { granted }]) => [worker, granted]))

describe('renewShare', () => {
  it.each([
    ['one process has all of it', { a: 3000 }, { a: 3000 }],
    ['who wants all share evenly', { a: 3000, b: 3000, c: 3000 }, { a: 1000, b: 1000, c: 1000 }],
    [
      'what one leaves goes to those who want more',
      { a: 100, b: 3000, c: 3000 },
      { a: 125, b: 1438, c: 1437 },
    ],
    ['who wants nothing keeps enough to begin', { a: 0, b: 3000 }, { a: 187, b: 2813 }],
  ])('%s', (_, wanted, granted) => {
    expect(grantedIn(settled(3000, wanted))).toEqual(granted)
  })

  it('leaves nothing over, however many share it', () => {
    for (const workers of [2, 3, 6, 7, 19]) {
      const names = Array.from({ length: workers }, (_, number) => `w${number}`)
      const wanted = Object.fromEntries(names.map((name) => [name, 20]))
      const all = Object.values(grantedIn(settled(20, wanted)))

      expect(all.reduce((sum, one) => sum + one)).toBe(20)
      expect(Math.max(...all) - Math.min(...all)).toBeLessThanOrEqual(1)
    }
  })

  it('gives nothing of a limit that others hold more of, and takes nothing from it', () => {
    const held = { granted: 100, wanted: 100, expiresAt: 3000, freeAt: 8000 }
    const asked = { worker: 'b', total: 50, held: 0, wanted: 50, ...TERMS }

    const { book, given } = renewShare({ a: held }, asked, 0)

    expect(given).toEqual({ target: 0, granted: 0 })
    expect(grantedIn(book)).toEqual({ a: 100, b: 0 })
  })

  it('gives one each as long as there are some', () => {
    const all = Object.values(grantedIn(settled(2, { a: 2, b: 2, c: 2 })))

    expect(all.toSorted()).toEqual([0, 1, 1])
  })

  it('never gives more than there is, whoever asks, gives back or dies', () => {
    const step = fc.record({
      worker: fc.constantFrom('a', 'b', 'c', 'd'),
      wanted: fc.integer({ min: 0, max: 120 }),
      usedPart: fc.double({ min: 0, max: 1, noNaN: true }),
      afterMs: fc.constantFrom(0, 250, 1000, 4000, 9000),
    })
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 100 }),
        fc.array(step, { maxLength: 60 }),
        (total, steps) => {
          let book: RateBook = {}
          let now = 0
          // What each process may have on its way, and until when that counts.
          const mine: Record<
            string,
            { held: number; target: number; until: number; countsUntil: number }
          > = {}
          for (const { worker, wanted, usedPart, afterMs } of steps) {
            now += afterMs
            const own = mine[worker]
            const isValid = own !== undefined && now < own.until
            const used =
              own === undefined || now >= own.countsUntil ? 0 : Math.floor(own.held * usedPart)
            const held = isValid ? Math.max(own.target, used) : used
            const { book: after, given } = renewShare(
              book,
              { worker, total, held, wanted, ...TERMS },
              now,
            )
            book = after
            mine[worker] = {
              held: given.granted,
              target: given.target,
              until: now + TERMS.ttlMs,
              countsUntil: now + TERMS.ttlMs + TERMS.countsMs,
            }

            expect(given.target).toBeLessThanOrEqual(given.granted)
            const inUse = Object.values(mine).filter(({ countsUntil }) => now < countsUntil)
            expect(inUse.reduce((sum, one) => sum + one.held, 0)).toBeLessThanOrEqual(total)
          }
        },
      ),
      { numRuns: 500 },
    )
  })
})
