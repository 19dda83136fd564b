import { describe, expect, it } from 'vitest'
import { SIGNAL, updateOf } from './one-destination.ts'
import type { OneDestination } from './one-destination.ts'

const TOO_LONG = 'x'.repeat(988)

/** A bad object costs that object, a bad field that field, and each has its own reason. */
export function refusalTests(test: OneDestination): void {
  describe('refusal', () => {
    it('names the field at fault', async () => {
      const words = await test.deliver([
        updateOf(0, { attributes: '"a":1' }),
        updateOf(1, { attributes: '"email":"no address","a":1' }),
        updateOf(2, { attributes: '"email_subscribe":"perhaps"' }),
      ])

      expect([...words.values()]).toEqual([
        'delivered',
        'BRAZE_EMAIL email',
        'BRAZE_EMAIL_SUBSCRIBE email_subscribe',
      ])
    })

    it('gives each object its own reason, wherever it stands', async () => {
      const bad = new Map([
        [3, 'BRAZE_EMAIL email'],
        [40, 'BRAZE_EXTERNAL_ID_TOO_LARGE'],
        [74, 'BRAZE_EMAIL_SUBSCRIBE email_subscribe'],
      ])
      const updates = Array.from({ length: 90 }, (_, ref) =>
        updateOf(ref, {
          attributes:
            ref === 3 ? '"email":"none"' : ref === 74 ? '"email_subscribe":"none"' : '"a":1',
          ...(ref === 40 ? { user: { externalId: TOO_LONG } } : {}),
        }),
      )

      const words = await test.deliver(updates)

      for (let ref = 0; ref < 90; ref++)
        expect(words.get(`${ref} attributes -1`)).toBe(bad.get(ref) ?? 'delivered')
      expect((await test.user('user-89'))?.attributes).toEqual({ a: 1 })
    })

    it('tells attributes and events of one user apart', async () => {
      const words = await test.deliver([
        updateOf(1, { attributes: '"email":"none"', events: ['Seen'] }),
        updateOf(2, { attributes: '"a":1' }),
      ])

      expect([...words]).toEqual([
        ['1 attributes -1', 'BRAZE_EMAIL email'],
        ['2 attributes -1', 'delivered'],
        ['1 event 0', 'delivered'],
      ])
      expect((await test.user('user-1'))?.events).toEqual({ Seen: 1 })
    })
  })
}

/** Refusals of whole requests and of some of their events. */
export function requestRefusalTests(test: OneDestination): void {
  describe('refusal', () => {
    it('gives reasons when all objects are bad', async () => {
      const updates = [0, 1, 2].map((ref) =>
        updateOf(ref, { attributes: '"email":"none"', user: { externalId: `user-${ref}` } }),
      )

      const words = await test.deliver([
        ...updates,
        updateOf(3, { user: { externalId: TOO_LONG }, events: ['Seen'] }),
      ])

      expect([...words.values()]).toEqual([
        'BRAZE_EMAIL email',
        'BRAZE_EMAIL email',
        'BRAZE_EMAIL email',
        'BRAZE_EXTERNAL_ID_TOO_LARGE',
      ])
    })

    it('counts no event twice when others of its request are refused', async () => {
      test.server.addFault({
        kind: 'partial',
        array: 'events',
        indexes: [1, 5],
        type: "'time' is not valid",
      })

      const words = await test.deliver(
        Array.from({ length: 8 }, (_, ref) => updateOf(ref, { events: ['Seen'] })),
      )

      for (let ref = 0; ref < 8; ref++) {
        expect(words.get(`${ref} event 0`)).toBe(
          ref === 1 || ref === 5 ? 'BRAZE_EVENT_TIME' : 'delivered',
        )
        expect((await test.user(`user-${ref}`))?.events['Seen'] ?? 0).toBe(
          ref === 1 || ref === 5 ? 0 : 1,
        )
      }
    })

    it('takes a success that does not say so for no refusal: nobody knows what became of it', async () => {
      test.server.addFault({ kind: 'no_message' })
      const request = test.packOne(updateOf(1, { attributes: '"a":1', events: ['Seen'] }))

      await expect(test.destination.send(request, SIGNAL)).rejects.toMatchObject({
        code: 'BRAZE_ANSWER',
        mayBeApplied: true,
      })
    })
  })
}
