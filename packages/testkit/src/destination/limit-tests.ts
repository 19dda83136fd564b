import type { CohortMember, Sent, UserRef } from '@engage-sync/core'
import { describe, expect, it } from 'vitest'
import { SIGNAL, updateOf } from './one-destination.ts'
import type { OneDestination } from './one-destination.ts'

const idOf = (index: number): UserRef => ({ externalId: `user-${index}` })
const times = <Item>(count: number, make: (index: number) => Item) =>
  Array.from({ length: count }, (_, index) => make(index))

/** What the destination says one request takes is what it takes. */
export function limitTests(test: OneDestination): void {
  const calls = {
    usersPerDeletion: (count) => test.destination.deleteUsers(times(count, idOf), SIGNAL),
    pairsPerRequest: (count) =>
      test.destination.identify(
        times(count, (index) => ({
          externalId: `user-${index}`,
          alias: { name: `anonymous-${index}`, label: 'segment_anonymous_id' },
        })),
        SIGNAL,
      ),
  } satisfies Record<string, (count: number) => Promise<Sent>>

  describe('limits', () => {
    it.each(Object.keys(calls) as (keyof typeof calls)[])(
      '%s is what one request takes',
      async (name) => {
        const limit = test.destination.limits[name]
        await test.deliver(times(limit + 1, (ref) => updateOf(ref, { attributes: '"a":1' })))

        expect((await calls[name](limit)).requests).toBe(1)
        expect((await calls[name](limit + 1)).requests).toBe(2)
      },
    )

    it('membersPerCohortRequest is what one request takes', () => {
      const limit = test.destination.limits.membersPerCohortRequest
      const members = times(limit + 1, (update): CohortMember => ({
        update,
        ref: 0,
        user: idOf(update),
        member: true,
      }))

      expect(test.destination.packCohort('vip', members.slice(1))).toHaveLength(1)
      expect(test.destination.packCohort('vip', members)).toHaveLength(2)
    })

    it('usersPerExport bounds no question, only a request', async () => {
      const limit = test.destination.limits.usersPerExport
      await test.deliver(times(limit + 1, (ref) => updateOf(ref, { attributes: '"a":1' })))

      const exported = await test.destination.exportUsers(
        times(limit + 1, idOf),
        { attributes: ['a'], events: false },
        SIGNAL,
      )

      expect(exported.map(({ found }) => found)).toEqual(times(limit + 1, () => true))
    })
  })
}
