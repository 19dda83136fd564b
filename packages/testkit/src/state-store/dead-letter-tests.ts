import { describe, expect, it } from 'vitest'
import type { OneState } from './one-state.ts'
import { letter } from './samples.ts'

/** Dead letters: added, found, counted, read in pages. */
export function deadLetterTests(test: OneState): void {
  describe('dead letters', () => {
    it('get a number of their own, and are listed newest first', async () => {
      await test.commit({ deadLetters: [letter({ code: 'A' }), letter({ code: 'B' })] })
      await test.commit({ deadLetters: [letter({ code: 'C' })] })

      const listed = await (await test.elsewhere()).deadLetters({ limit: 2 })

      expect(listed.map(({ code }) => code)).toEqual(['C', 'B'])
      expect(listed[0]).toEqual({ ...letter({ code: 'C' }), id: listed[0]?.id })
      expect(new Set(listed.map(({ id }) => id)).size).toBe(2)
    })

    it('are found by run, by sync, and by both', async () => {
      await test.commit({
        deadLetters: [
          letter({ run: 1, sync: 'a' }),
          letter({ run: 1, sync: 'b' }),
          letter({ run: 2, sync: 'a' }),
        ],
      })

      const { store } = test
      expect(await store.deadLetters({ limit: 9, run: 1 })).toHaveLength(2)
      expect(await store.deadLetters({ limit: 9, sync: 'a' })).toHaveLength(2)
      expect(await store.deadLetters({ limit: 9, run: 2, sync: 'a' })).toHaveLength(1)
      expect(await store.deadLetters({ limit: 9, run: 2, sync: 'b' })).toEqual([])
    })

    it('are found by reason, and counted', async () => {
      await test.commit({
        deadLetters: [letter({ code: 'A' }), letter({ code: 'A', run: 2 }), letter({ code: 'B' })],
      })

      const { store } = test
      expect((await store.deadLetters({ limit: 9, code: 'A' })).map(({ run }) => run)).toEqual([
        2, 1,
      ])
      expect(await store.countDeadLetters({})).toBe(3)
      expect(await store.countDeadLetters({ code: 'A', run: 1, sync: 'shoppers' })).toBe(1)
      expect(await store.countDeadLetters({ code: 'C' })).toBe(0)
    })

    it('are read page by page', async () => {
      await test.commit({ deadLetters: ['A', 'B', 'C', 'D', 'E'].map((code) => letter({ code })) })

      const first = await test.store.deadLetters({ limit: 3 })
      const second = await test.store.deadLetters({ limit: 3, before: first.at(-1)!.id! })

      expect([...first, ...second].map(({ code }) => code).join('')).toBe('EDCBA')
    })
  })
}

/** Dead letters: removed, numbered. */
export function deadLetterEndTests(test: OneState): void {
  describe('dead letters', () => {
    it('are removed by number, and a number is not used twice', async () => {
      await test.commit({ deadLetters: [letter({ code: 'A' }), letter({ code: 'B' })] })
      const [last, first] = (await test.store.deadLetters({ limit: 2 })).map(({ id }) => id!)
      await test.commit({ removeDeadLetters: [last!] })
      await test.commit({ deadLetters: [letter({ code: 'C' })] })

      const listed = await test.store.deadLetters({ limit: 9 })

      expect(listed.map(({ code }) => code)).toEqual(['C', 'A'])
      expect(listed[1]?.id).toBe(first)
      expect(listed[0]?.id).toBeGreaterThan(last!)
    })

    it('are read by their numbers, and what else is asked for', async () => {
      const codes = ['A', 'B', 'A', 'C']
      await test.commit({ deadLetters: codes.map((code) => letter({ code })) })
      const all = (await test.store.deadLetters({ limit: 9 })).map(({ id }) => id!)
      const [newest, third, , first] = all
      const asked = { limit: 9, ids: [first!, newest!, third!, 999] }
      const found = async (more: { readonly code?: string; before?: number; after?: number }) =>
        (await test.store.deadLetters({ ...asked, ...more })).map(({ id }) => id)

      expect(await found({})).toEqual([newest, third, first])
      expect(await found({ code: 'A' })).toEqual([third, first])
      expect(await found({ before: third! })).toEqual([first])
      expect(await found({ after: third! })).toEqual([newest])
      expect(await test.store.deadLetters({ limit: 9, ids: [] })).toEqual([])
    })

    it('keep a number they come with', async () => {
      await test.commit({ deadLetters: [letter({ id: 41, code: 'moved' })] })
      await test.commit({ deadLetters: [letter({ code: 'new' })] })

      expect(
        (await test.store.deadLetters({ limit: 9 })).map(({ id, code }) => [id, code]),
      ).toEqual([
        [42, 'new'],
        [41, 'moved'],
      ])
    })
  })
}

/** Dead letters: expired, unless they wait. */
export function deadLetterExpiryTests(test: OneState): void {
  describe('dead letters', () => {
    it('expire', async () => {
      await test.commit({
        deadLetters: [
          letter({ code: 'old' }),
          letter({ code: 'new', expiresAt: '2026-05-01T00:00:00.000Z' }),
        ],
      })

      const expired = await test.store.expireDeadLetters(
        test.writer,
        Date.parse('2026-04-15T00:00:00.000Z'),
      )

      expect(expired).toBe(1)
      expect((await test.store.deadLetters({ limit: 9 })).map(({ code }) => code)).toEqual(['new'])
    })

    it('of what waits are found by their code, and outlast every expiry', async () => {
      const waiting = letter({
        code: 'PENDING_USER',
        stage: 'waiting',
        expiresAt: '9999-12-31T00:00:00.000Z',
        payload: { records: ['{}'] },
      })
      await test.commit({
        deadLetters: [waiting, letter({})],
        positions: [{ source: 's', position: 1 }],
      })

      await test.store.expireDeadLetters(test.writer, Date.parse('2100-01-01T00:00:00.000Z'))

      expect(await test.store.deadLetters({ limit: 9, code: 'PENDING_USER' })).toMatchObject([
        waiting,
      ])
      expect(await test.store.countDeadLetters({})).toBe(1)
    })

    it('expire for the owner of the lease only', async () => {
      await test.commit({ deadLetters: [letter({})] })

      await expect(
        test.store.expireDeadLetters({ epoch: test.lease.epoch - 1 }, Number.MAX_SAFE_INTEGER),
      ).rejects.toMatchObject({
        code: 'STATE_LEASE_LOST',
      })
      expect(await test.store.deadLetters({ limit: 9 })).toHaveLength(1)
    })
  })
}
