import { describe, expect, it } from 'vitest'
import { updateOf } from './one-destination.ts'
import type { OneDestination } from './one-destination.ts'

const users = (count: number) =>
  Array.from({ length: count }, (_, ref) =>
    updateOf(ref, { attributes: `"number":${ref}`, attributeNames: ['number'] }),
  )

/** What is sent arrives, once, and every part has its outcome. */
export function deliveryTests(test: OneDestination): void {
  packingTests(test)
  describe('delivery', () => {
    it('gives nothing for nothing', async () => {
      expect(await test.deliver([])).toEqual(new Map())
      expect(await test.deliver([updateOf(1, {})])).toEqual(new Map())
    })

    it('delivers attributes and events of one user', async () => {
      const words = await test.deliver([
        updateOf(1, { attributes: '"ltv":7,"note":"Zürich 漢"', events: ['Seen', 'Seen', 'Left'] }),
      ])

      expect([...words]).toEqual([
        ['1 attributes -1', 'delivered'],
        ['1 event 0', 'delivered'],
        ['1 event 1', 'delivered'],
        ['1 event 2', 'delivered'],
      ])
      expect(await test.user('user-1')).toMatchObject({
        attributes: { ltv: 7, note: 'Zürich 漢' },
        events: { Seen: 2, Left: 1 },
      })
    })

    it.each([75, 76, 200])('delivers %i users, each once', async (count) => {
      const words = await test.deliver(users(count))

      expect(words.size).toBe(count)
      expect(new Set(words.values())).toEqual(new Set(['delivered']))
      for (const ref of [0, count - 2, count - 1])
        expect((await test.user(`user-${ref}`))?.attributes['number']).toBe(ref)
    })

    it('delivers a user too large for one request, in order', async () => {
      const words = await test.deliver([
        updateOf(1, { attributes: '"a":1', events: Array.from({ length: 160 }, () => 'Seen') }),
      ])

      expect(words.size).toBe(161)
      expect(await test.user('user-1')).toMatchObject({
        attributes: { a: 1 },
        events: { Seen: 160 },
      })
    })

    it('creates no user when told not to', async () => {
      const words = await test.deliver([
        updateOf(1, { attributes: '"a":1', createUser: false }),
        updateOf(2, { attributes: '"a":1' }),
      ])

      expect(new Set(words.values())).toEqual(new Set(['delivered']))
      expect([await test.user('user-1'), (await test.user('user-2'))?.attributes]).toEqual([
        null,
        { a: 1 },
      ])
    })
  })
}

/** Requests as they are before they leave. */
function packingTests(test: OneDestination): void {
  describe('packing', () => {
    it('never has a user in two requests at once', () => {
      const twice = [...users(80), ...users(80)]

      const lastOf = new Map<number, number>()
      for (const { id, after, parts } of test.pack(twice)) {
        for (const { update } of parts) {
          const last = lastOf.get(update)
          if (last !== undefined && last !== id) expect(after).toBeGreaterThanOrEqual(last)
          lastOf.set(update, id)
        }
      }
      expect(lastOf.size).toBe(80)
    })

    it('rejects an object no request can hold, with its size, and delivers the rest', async () => {
      const packer = test.destination.createPacker()
      packer.add(updateOf(1, { attributes: `"a":"${'x'.repeat(5_000_000)}"`, events: ['Seen'] }))
      const [unpackable, ...others] = packer.takeUnpackable()

      expect(others).toEqual([])
      expect(unpackable).toMatchObject({
        part: { update: 1, kind: 'attributes' },
        outcome: { status: 'rejected' },
      })
      expect(JSON.stringify(unpackable?.outcome)).toMatch(/5000\d{3} bytes/)
      expect(packer.flush()[0]?.parts).toEqual([{ update: 1, kind: 'event', ref: 0 }])
    })

    it('marks what must not be repeated', () => {
      const marks = [updateOf(1, { attributes: '"a":1' }), updateOf(2, { events: ['Seen'] })].map(
        (update) => test.packOne(update).needsMark,
      )

      expect(marks).toEqual([false, true])
    })
  })
}
