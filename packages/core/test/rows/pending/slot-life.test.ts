import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { PendingPool, SLOT_TURNS } from '../../../src/index.ts'
import type { SlotLife, SlotTurn } from '../../../src/index.ts'

const LIVES = Object.keys(SLOT_TURNS) as readonly SlotLife[]
const TURNS = Object.keys(SLOT_TURNS.none) as readonly SlotTurn[]
/** A way from nothing to each life. */
const WAYS: Readonly<Record<SlotLife, readonly SlotTurn[]>> = {
  none: [],
  pending: ['propose'],
  marked: ['propose', 'mark'],
  withdrawn: ['propose', 'withdraw'],
  delivered: ['propose', 'mark', 'deliver'],
  refused: ['propose', 'refuse'],
  deferred: ['propose', 'mark', 'defer'],
}
const BEFORE = { low: 0, high: 0, time: 0 }

/** A pool whose only entry has gone a way; an entry is there from its first proposal on. */
function entryAfter(turns: readonly SlotTurn[]): PendingPool {
  const pool = new PendingPool()
  pool.add(0, 0, BEFORE)
  for (const turn of turns) pool.turn(0, turn)
  return pool
}

describe('the life of a change', () => {
  it('reaches every life there is', () => {
    for (const life of LIVES.filter((each) => each !== 'none'))
      expect(entryAfter(WAYS[life]).lifeOf(0)).toBe(life)
  })

  it.each(
    LIVES.filter((life) => life !== 'none').flatMap((life) =>
      TURNS.map((turn) => [life, turn] as const),
    ),
  )('of one that is %s turns as the table says when told to %s', (life, turn) => {
    const pool = entryAfter(WAYS[life])
    const next = SLOT_TURNS[life][turn]

    if (next === null)
      expect(() => pool.turn(0, turn)).toThrow(expect.objectContaining({ code: 'INTERNAL' }))
    else pool.turn(0, turn)

    expect(pool.lifeOf(0)).toBe(next ?? life)
  })

  it('sends something of what is pending or marked, and of nothing else', () => {
    const open = LIVES.filter((life) => life !== 'none' && entryAfter(WAYS[life]).isOpen(0))

    expect(open).toEqual(['pending', 'marked'])
  })

  it('begins with a proposal, and may begin anew unless its outcome is awaited', () => {
    for (const turn of TURNS)
      expect(SLOT_TURNS.none[turn]).toBe(turn === 'propose' ? 'pending' : null)
    for (const life of LIVES)
      expect(SLOT_TURNS[life].propose).toBe(life === 'marked' ? null : 'pending')
  })

  it('leaves alone what kind of entry it is, and whether it is in doubt', () => {
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom(...TURNS), { maxLength: 20 }),
        fc.boolean(),
        (turns, isDoubted) => {
          const pool = entryAfter([])
          if (isDoubted) pool.doubt(0)
          for (const turn of turns)
            if (SLOT_TURNS[pool.lifeOf(0)][turn] !== null) pool.turn(0, turn)

          expect([pool.isEvent(0), pool.isInDoubt(0)]).toEqual([false, isDoubted])
        },
      ),
    )
  })
})
