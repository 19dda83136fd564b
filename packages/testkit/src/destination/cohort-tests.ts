import type { CohortMember } from '@engage-sync/core'
import { describe, expect, it } from 'vitest'
import { SIGNAL, updateOf, wordOf } from './one-destination.ts'
import type { OneDestination } from './one-destination.ts'

const COHORT = { id: 'engage-sync:shoppers:vip', name: 'VIPs', createdAt: '2026-01-01T00:00:00.000Z' }

/** Memberships arrive in order; cohort work fails by itself. */
export function cohortTests(test: OneDestination): void {
  const change = async (changes: readonly (readonly [ref: number, member: boolean])[]) => {
    const members = changes.map(([ref, member], update): CohortMember => ({ update, ref: 0, user: { externalId: `user-${ref}` }, member }))
    const words: string[] = []
    for (const request of test.destination.packCohort(COHORT.id, members)) {
      const { outcomes } = await test.destination.send(request, SIGNAL)
      request.parts.forEach(({ update }, index) => (words[update] = wordOf(outcomes[index])))
      await test.server.settle()
    }
    return words
  }
  const prepare = async (name: string) => (await test.destination.prepareCohort({ ...COHORT, name }, SIGNAL)).outcomes.map(wordOf)
  const cohortsOf = async (ref: number) => (await test.user(`user-${ref}`))?.cohorts
  const createUsers = async () => {
    await test.deliver([1, 2].map((ref) => updateOf(ref, { attributes: '"a":1' })))
  }

  describe('cohorts', () => {
    it('are created, filled, emptied and renamed', async () => {
      await createUsers()

      expect(await prepare('VIPs')).toEqual(['delivered'])
      expect(
        await change([
          [1, true],
          [2, true],
        ]),
      ).toEqual(['delivered', 'delivered'])
      expect([await cohortsOf(1), await cohortsOf(2)]).toEqual([['VIPs'], ['VIPs']])
      expect(await change([[1, false]])).toEqual(['delivered'])
      expect(await prepare('Very important')).toEqual(['delivered'])
      expect([await cohortsOf(1), await cohortsOf(2)]).toEqual([[], ['Very important']])
    })

    it('keep the order of a user that changes twice', async () => {
      await createUsers()
      await prepare('VIPs')

      expect(
        await change([
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
      await createUsers()
      await prepare('VIPs')
      test.server.addFault({ kind: 'status', status: 423, path: '/partners/*', next: 2 })

      expect(await change([[1, true]])).toEqual(['delivered'])
      expect(await cohortsOf(1)).toEqual(['VIPs'])
    })

    it('fail by themselves when their keys are refused', async () => {
      await createUsers()
      await prepare('VIPs')
      test.server.addFault({ kind: 'status', status: 401, path: '/partners/*' })

      expect(await change([[1, true]])).toEqual(['failed'])
      expect(await change([[2, true]])).toEqual(['failed'])
      expect([...(await test.deliver([updateOf(1, { attributes: '"a":2' })])).values()]).toEqual(['delivered'])
      expect(await cohortsOf(1)).toEqual([])
    })

    it('hold more than one request takes', async () => {
      await prepare('VIPs')

      const words = await change(Array.from({ length: 1500 }, (_, ref) => [ref, true] as const))

      expect(new Set(words)).toEqual(new Set(['delivered']))
    })
  })
}
