import { describe, expect, it } from 'vitest'
import { SIGNAL, updateOf } from './one-destination.ts'
import type { OneDestination } from './one-destination.ts'

const both = (ref: number) => updateOf(ref, { attributes: '"a":1', events: ['Seen'] })

/** What passes is tried again; what may have been applied is not, where that would count twice. */
export function failureTests(test: OneDestination): void {
  describe('failure', () => {
    it.each([429, 500, 502, 503, 504])(
      'is tried again after HTTP %i, and applied once',
      async (status) => {
        test.server.addFault({ kind: 'status', status, next: 2, retry_after: 0 })

        const words = await test.deliver([both(1)])

        expect([...words.values()]).toEqual(['delivered', 'delivered'])
        expect((await test.user('user-1'))?.events).toEqual({ Seen: 1 })
      },
    )

    it.each([
      ['timeout', false],
      ['timeout', true],
      ['reset', false],
      ['reset', true],
    ] as const)(
      'of which nobody knows the outcome is told so for events: %s, applied: %s',
      async (kind, isApplied) => {
        test.server.addFault({ kind, after_apply: isApplied })

        const words = await test.deliver([both(1)])

        expect(words.get('1 event 0')).toBe('unknown')
        expect((await test.user('user-1'))?.events['Seen'] ?? 0).toBe(isApplied ? 1 : 0)
      },
    )

    it.each([
      ['timeout', true],
      ['reset', false],
    ] as const)(
      'of which nobody knows the outcome is repeated for attributes: %s, applied: %s',
      async (kind, isApplied) => {
        test.server.addFault({ kind, after_apply: isApplied })

        const words = await test.deliver([updateOf(1, { attributes: '"a":1' })])

        expect([...words.values()]).toEqual(['delivered'])
        expect((await test.user('user-1'))?.attributes).toEqual({ a: 1 })
      },
    )
  })
}

/** What ends a run or goes to the caller, and what is split. */
export function finalFailureTests(test: OneDestination): void {
  describe('failure', () => {
    it.each([401, 403])('of the credentials ends the run: HTTP %i', async (status) => {
      test.server.addFault({ kind: 'status', status })
      const request = test.packOne(both(1))

      await expect(test.destination.send(request, SIGNAL)).rejects.toMatchObject({
        code: 'DESTINATION_AUTH',
        requests: 1,
      })
    })

    it('that does not end, ends the run, and its requests are counted', async () => {
      test.server.addFault({ kind: 'status', status: 503, next: 10_000 })
      const request = test.packOne(both(1))

      const failure = test.destination.send(request, SIGNAL)

      await expect(failure).rejects.toMatchObject({ code: 'DESTINATION_UNAVAILABLE' })
      const { requests } = await failure.catch((error: { readonly requests: number }) => error)
      expect(requests).toBeGreaterThan(1)
    })

    it('splits what is too large', async () => {
      test.server.addFault({ kind: 'status', status: 413, next: 3 })

      const words = await test.deliver(Array.from({ length: 20 }, (_, ref) => both(ref)))

      expect(new Set(words.values())).toEqual(new Set(['delivered']))
      expect((await test.user('user-19'))?.events).toEqual({ Seen: 1 })
    })

    it('leaves an answer that makes no sense to the caller', async () => {
      test.server.addFault({ kind: 'garbage' })
      const request = test.packOne(both(1))

      await expect(test.destination.send(request, SIGNAL)).rejects.toMatchObject({
        code: 'BRAZE_ANSWER',
        mayBeApplied: true,
      })
    })

    it('is not tried again once the check before every request says no', async () => {
      test.server.addFault({ kind: 'status', status: 503, next: 1 })
      const request = test.packOne(both(1))
      const reason = new Error('may not leave')
      let asked = 0
      test.destination.beforeRequest(async () => {
        if (++asked > 1) throw reason
      })

      await expect(test.destination.send(request, SIGNAL)).rejects.toBe(reason)
      expect(asked).toBe(2)
      expect(await test.user('user-1')).toBeNull()
    })

    it('does not happen when aborted before', async () => {
      const request = test.packOne(both(1))
      const reason = new Error('stopped by the test')

      await expect(test.destination.send(request, AbortSignal.abort(reason))).rejects.toBe(reason)
      expect(await test.user('user-1')).toBeNull()
    })
  })
}
