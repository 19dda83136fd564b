import type { UserRef } from '@engage-sync/core'
import { describe, expect, it } from 'vitest'
import { eventTime, SIGNAL, updateOf, wordOf } from './one-destination.ts'
import type { OneDestination } from './one-destination.ts'

const ALIAS = { name: 'anonymous-1', label: 'segment_anonymous_id' }
const id = (externalId: string): UserRef => ({ externalId })

/** Users by alias, and what is asked of users. */
export function userTests(test: OneDestination): void {
  describe('users', () => {
    it('are created by alias, and found by it', async () => {
      await test.deliver([
        updateOf(1, { user: { alias: ALIAS }, attributes: '"a":1', events: ['Seen'] }),
      ])

      const [user] = await test.destination.exportUsers(
        [{ alias: ALIAS }],
        { attributes: ['a'], events: true },
        SIGNAL,
      )

      expect([user?.found, user?.attributes.get('a'), user?.events.get('Seen')?.count]).toEqual([
        true,
        1,
        1,
      ])
    })

    it('are exported in the order asked, the unknown ones too', async () => {
      await test.deliver(
        [1, 2, 3].map((ref) =>
          updateOf(ref, {
            attributes: `"a":${ref},"first_name":"N${ref}"`,
            events: ['Seen', 'Seen'],
          }),
        ),
      )
      const asked = ['user-3', 'nobody', 'user-1'].map(id)

      const exported = await test.destination.exportUsers(
        asked,
        { attributes: ['a', 'first_name', 'absent'], events: true },
        SIGNAL,
      )

      expect(exported.map(({ user }) => user)).toEqual(asked)
      expect(exported.map(({ found }) => found)).toEqual([true, false, true])
      expect(exported[0]?.attributes).toEqual(
        new Map<string, unknown>([
          ['a', 3],
          ['first_name', 'N3'],
        ]),
      )
      expect(exported[0]?.events.get('Seen')).toMatchObject({
        count: 2,
        firstMs: eventTime(0),
        lastMs: eventTime(1),
      })
    })
  })
}

/** What is done to users: identified, merged, deleted. */
export function userActionTests(test: OneDestination): void {
  describe('users', () => {
    it('are identified', async () => {
      await test.deliver([updateOf(1, { user: { alias: ALIAS }, attributes: '"a":1' })])

      const { outcomes } = await test.destination.identify(
        [{ externalId: 'user-9', alias: ALIAS }],
        SIGNAL,
      )

      expect(outcomes.map(wordOf)).toEqual(['delivered'])
      expect((await test.user('user-9'))?.attributes).toEqual({ a: 1 })
    })

    it('are merged', async () => {
      await test.deliver([
        updateOf(1, { attributes: '"a":1,"b":1' }),
        updateOf(2, { attributes: '"b":2' }),
      ])

      const { outcomes } = await test.destination.merge(
        [{ from: id('user-1'), into: id('user-2') }],
        SIGNAL,
      )

      expect(outcomes.map(wordOf)).toEqual(['delivered'])
      expect([await test.user('user-1'), (await test.user('user-2'))?.attributes]).toEqual([
        null,
        { a: 1, b: 2 },
      ])
    })

    it('are deleted', async () => {
      await test.deliver([1, 2].map((ref) => updateOf(ref, { attributes: '"a":1' })))

      const { outcomes } = await test.destination.deleteUsers([id('user-1'), id('nobody')], SIGNAL)

      expect(outcomes.map(wordOf)).toEqual(['delivered', 'delivered'])
      expect([await test.user('user-1'), (await test.user('user-2'))?.attributes]).toEqual([
        null,
        { a: 1 },
      ])
    })
  })
}
