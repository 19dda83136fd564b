import { describe, expect, it } from 'vitest'
import { TTL_MS } from './one-state.ts'
import type { OneState } from './one-state.ts'

/** A lease that has lapsed when it is given: the clock of the store need not be moved. */
const NO_TIME = 0

/** One owner at a time, and none that commits after it lost its lease. */
export function leaseTests(test: OneState): void {
  describe('the lease', () => {
    it('is held by one owner at a time, and says by whom', async () => {
      const other = await test.elsewhere()

      await expect(other.acquireLease('another run', TTL_MS)).rejects.toMatchObject({
        code: 'STATE_LEASE_HELD',
        message: expect.stringContaining('the test'),
      })
      expect(await other.currentLease()).toMatchObject({
        owner: 'the test',
        epoch: test.lease.epoch,
      })
    })

    it('is free after its release, and the epoch grows with the next owner', async () => {
      await test.store.releaseLease(test.lease)
      const other = await test.elsewhere()

      expect(await other.currentLease()).toBeNull()
      expect((await other.acquireLease('another run', TTL_MS)).epoch).toBeGreaterThan(
        test.lease.epoch,
      )
    })

    it('is taken over once it has lapsed, and its former owner can commit no more', async () => {
      await test.store.renewLease(test.lease, NO_TIME)
      const other = await test.elsewhere()
      expect(await other.currentLease()).toBeNull()
      const lease = await other.acquireLease('another run', TTL_MS)

      await expect(test.commit({ values: [{ key: 'late', value: 1 }] })).rejects.toMatchObject({
        code: 'STATE_LEASE_LOST',
      })
      await expect(test.store.renewLease(test.lease, TTL_MS)).rejects.toMatchObject({
        code: 'STATE_LEASE_LOST',
      })
      await other.commit({ epoch: lease.epoch, values: [{ key: 'new', value: 1 }] })
      expect([...(await other.values(''))]).toEqual([['new', 1]])
    })

    it('lets its owner commit after it lapsed while nobody else took it', async () => {
      await test.store.renewLease(test.lease, NO_TIME)

      await test.commit({ values: [{ key: 'late', value: 1 }] })

      expect((await test.store.values('')).size).toBe(1)
    })

    it('is renewed into the future', async () => {
      const renewed = await test.store.renewLease(test.lease, TTL_MS * 10)

      expect(renewed.epoch).toBe(test.lease.epoch)
      expect(renewed.expiresAt).toBeGreaterThan(test.lease.expiresAt)
      expect(await (await test.elsewhere()).currentLease()).toEqual(renewed)
    })
  })
}

/** A lease that others want: it is lost whole, and goes to one of them. */
export function leaseContestTests(test: OneState): void {
  describe('the lease', () => {
    it('is not released by a former owner', async () => {
      await test.store.renewLease(test.lease, NO_TIME)
      const other = await test.elsewhere()
      const lease = await other.acquireLease('another run', TTL_MS)

      await test.store.releaseLease(test.lease)

      expect(await other.currentLease()).toMatchObject({ owner: 'another run', epoch: lease.epoch })
    })

    it('is broken by anyone, and its owner can commit no more', async () => {
      const other = await test.elsewhere()

      await other.breakLease()

      expect(await other.currentLease()).toBeNull()
      await expect(test.commit({})).rejects.toMatchObject({ code: 'STATE_LEASE_LOST' })
      expect((await other.acquireLease('another run', TTL_MS)).epoch).toBeGreaterThan(
        test.lease.epoch,
      )
    })

    it('goes to one of two that ask at once', async () => {
      await test.store.releaseLease(test.lease)
      const stores = await Promise.all([test.open(), test.open(), test.open()])

      const asked = await Promise.allSettled(
        stores.map((store, index) => store.acquireLease(`run ${index}`, TTL_MS)),
      )

      expect(asked.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
      for (const answer of asked)
        if (answer.status === 'rejected')
          expect(answer.reason).toMatchObject({ code: 'STATE_LEASE_HELD' })
    })
  })
}
