import { zip } from '@engage-sync/core'
import type { CohortMember } from '@engage-sync/core'
import { describe, expect, it } from 'vitest'
import { SIGNAL, updateOf, wordOf } from './one-destination.ts'
import type { OneDestination } from './one-destination.ts'

const COHORT = {
  id: 'engage-sync:shoppers:vip',
  name: 'VIPs',
  createdAt: '2026-01-01T00:00:00.000Z',
}

/** One user's change, by its number. */
type Change = readonly [ref: number, member: boolean]

/** Sends changes one request after another; outcomes in the order given. */
async function change(
  test: OneDestination,
  changes: readonly Change[],
): Promise<readonly string[]> {
  const members = changes.map(([ref, member], update): CohortMember => ({
    update,
    ref: 0,
    user: { externalId: `user-${ref}` },
    member,
  }))
  const words: string[] = []
  for (const request of test.destination.packCohort(COHORT.id, members)) {
    const { outcomes } = await test.destination.send(request, SIGNAL)
    for (const [{ update }, outcome] of zip(request.parts, outcomes))
      words[update] = wordOf(outcome)
    await test.server.settle()
  }
  return words
}

async function prepare(test: OneDestination, name: string): Promise<readonly string[]> {
  return (await test.destination.prepareCohort({ ...COHORT, name }, SIGNAL)).outcomes.map(wordOf)
}

async function createUsers(test: OneDestination): Promise<void> {
  await test.deliver([1, 2].map((ref) => updateOf(ref, { attributes: '"a":1' })))
}

/** Memberships arrive in order; cohort work fails by itself. */
export function cohortTests(test: OneDestination): void {
  const cohortsOf = async (ref: number) => (await test.user(`user-${ref}`))?.cohorts

  describe('cohorts', () => {
    it('are created, filled, emptied and renamed', async () => {
      await createUsers(test)

      expect(await prepare(test, 'VIPs')).toEqual(['delivered'])
      expect(
        await change(test, [
          [1, true],
          [2, true],
        ]),
      ).toEqual(['delivered', 'delivered'])
      expect([await cohortsOf(1), await cohortsOf(2)]).toEqual([['VIPs'], ['VIPs']])
      expect(await change(test, [[1, false]])).toEqual(['delivered'])
      expect(await prepare(test, 'Very important')).toEqual(['delivered'])
      expect([await cohortsOf(1), await cohortsOf(2)]).toEqual([[], ['Very important']])
    })

    it('keep the order of a user that changes twice', async () => {
      await createUsers(test)
      await prepare(test, 'VIPs')

      expect(
        await change(test, [
          [1, true],
          [2, true],
          [1, false],
          [2, false],
          [2, true],
        ]),
      ).toEqual(Array.from({ length: 5 }, () => 'delivered'))

      expect([await cohortsOf(1), await cohortsOf(2)]).toEqual([[], ['VIPs']])
    })

    it('are tried again while they are locked', async () => {
      await createUsers(test)
      await prepare(test, 'VIPs')
      test.server.addFault({ kind: 'status', status: 423, path: '/partners/*', next: 2 })

      expect(await change(test, [[1, true]])).toEqual(['delivered'])
      expect(await cohortsOf(1)).toEqual(['VIPs'])
    })

    it('fail by themselves when their keys are refused', async () => {
      await createUsers(test)
      await prepare(test, 'VIPs')
      test.server.addFault({ kind: 'status', status: 401, path: '/partners/*' })

      expect(await change(test, [[1, true]])).toEqual(['failed'])
      expect(await change(test, [[2, true]])).toEqual(['failed'])
      expect([...(await test.deliver([updateOf(1, { attributes: '"a":2' })])).values()]).toEqual([
        'delivered',
      ])
      expect(await cohortsOf(1)).toEqual([])
    })

    it('hold more than one request takes', async () => {
      await prepare(test, 'VIPs')

      const words = await change(
        test,
        Array.from({ length: 1500 }, (_, ref) => [ref, true] as const),
      )

      expect(new Set(words)).toEqual(new Set(['delivered']))
    })
  })
}
