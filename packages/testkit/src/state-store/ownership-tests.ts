import { PARTITIONS } from '@engage-sync/core'
import type { Json } from '@engage-sync/core'
import { describe, expect, it } from 'vitest'
import { TTL_MS } from './one-state.ts'
import type { OneState } from './one-state.ts'
import { delta, texts } from './samples.ts'
import { ALL, free, joined, LOST } from './test-worker.ts'

/** A time that is over when it is given: the clock of the store need not be moved. */
const NO_TIME = 0
const HELD = { code: 'STATE_LEASE_HELD' }

/** The lease and workers keep each other out. */
export function workerLeaseTests(test: OneState): void {
  describe('workers', () => {
    it('join while nobody holds the lease, which nobody takes while they are there', async () => {
      const card = { worker: 'one', url: 'http://127.0.0.1:1', fingerprint: 'f', demand: 3 }
      await expect(test.store.join(card, TTL_MS)).rejects.toMatchObject(HELD)
      await free(test)
      const member = await test.store.join(card, TTL_MS)

      const other = await test.elsewhere()
      await expect(other.acquireLease('a run', TTL_MS)).rejects.toMatchObject({
        ...HELD,
        message: expect.stringContaining('one'),
      })
      expect(await other.currentLease()).toBeNull()
      expect((await other.fleet()).workers).toMatchObject([{ ...card, epoch: member.epoch }])

      await test.store.leave(member)
      const lease = await other.acquireLease('a run', TTL_MS)
      expect(lease.epoch).toBeGreaterThan(member.epoch)
    })

    it('have what is written beside them go by the epoch of who came last', async () => {
      await free(test)
      const one = await joined(test, 'one')
      const two = await joined(test, 'two')
      await two.store.leave(two.member)

      const { epoch } = await one.store.fleet()
      await test.store.commit({ epoch, values: [{ key: 'beside', value: 1 }] })

      expect(epoch).toBe(two.member.epoch)
      expect(await one.store.values('beside')).toEqual(new Map([['beside', 1]]))
    })

    it('whose lease had lapsed can commit no more once one joined', async () => {
      await test.store.renewLease(test.lease, NO_TIME)
      await joined(test, 'one')

      await expect(test.commit({ values: [{ key: 'late', value: 1 }] })).rejects.toMatchObject(LOST)
    })

    it('make room for a lease once they are not heard of', async () => {
      await free(test)
      const one = await joined(test, 'one')
      await one.beat()
      await one.store.join({ worker: 'two', url: null, fingerprint: 'f', demand: 0 }, NO_TIME)
      await one.store.leave(one.member)

      const lease = await test.store.acquireLease('a run', TTL_MS)

      await expect(one.commit({ deltas: [delta(1, 'late')] })).rejects.toMatchObject(LOST)
      await expect(one.beat()).rejects.toMatchObject(LOST)
      await test.store.commit({ epoch: lease.epoch, deltas: [delta(1, 'in time')] })
      expect(texts(await test.store.loadPartition(1))).toEqual([null, 'in time'])
    })

    it('are all lost when the lease is broken', async () => {
      await free(test)
      const one = await joined(test, 'one')
      await one.beat()

      await (await test.elsewhere()).breakLease()

      await expect(one.commit({ deltas: [delta(1, 'x')] })).rejects.toMatchObject(LOST)
      await test.store.acquireLease('a run', TTL_MS)
    })
  })
}

/** Workers beside the holder of the lease. */
export function admittedTests(test: OneState): void {
  const card = { worker: 'part', url: null, fingerprint: 'f' }
  const admission = () => ({ epoch: test.lease.epoch, partitions: [1, 2], ttlMs: TTL_MS })

  describe('workers whom the holder of the lease admits', () => {
    it('write their partitions beside it, and no others', async () => {
      const part = await test.elsewhere()
      const member = await part.admit(card, admission())

      await part.commit({ ...member, deltas: [delta(1, 'of the part')] })
      await test.commit({ values: [{ key: 'of the holder', value: 1 }] })
      expect(await part.beat(member, TTL_MS)).toMatchObject({ owned: [1, 2], wanted: [] })
      await expect(
        part.commit({ ...member, deltas: [delta(3, 'of nobody')] }),
      ).rejects.toMatchObject(LOST)
      await expect(
        part.admit({ ...card, worker: 'another' }, { ...admission(), partitions: [2, 3] }),
      ).rejects.toMatchObject(LOST)

      expect(texts(await test.store.loadPartition(1))).toEqual([null, 'of the part'])
      expect(texts(await test.store.loadPartition(3))).toEqual([null])
    })

    it('are none under a lease that is over', async () => {
      const former = admission()
      await free(test)
      await expect(test.store.admit(card, former)).rejects.toMatchObject(LOST)
      await test.store.acquireLease('a run', TTL_MS)
      await expect(test.store.admit(card, former)).rejects.toMatchObject(LOST)
    })

    it('keep everybody out when the holder is gone, until they are gone themselves', async () => {
      const member = await test.store.admit(card, admission())
      await free(test)

      const other = await test.elsewhere()
      await expect(other.acquireLease('a run', TTL_MS)).rejects.toMatchObject(HELD)
      await expect(
        other.join({ ...card, worker: 'a server', demand: 64 }, TTL_MS),
      ).rejects.toMatchObject(HELD)
      await test.store.commit({ ...member, deltas: [delta(1, 'the last')] })
      await test.store.leave(member)

      expect((await joined(test, 'a server')).member.epoch).toBeGreaterThan(member.epoch)
    })
  })
}

/** Whose partitions are. */
export function ownershipTests(test: OneState): void {
  describe('partitions', () => {
    it('are all of one worker, until another asks for its share', async () => {
      await free(test)
      const one = await joined(test, 'one')
      expect(await one.beat()).toMatchObject({ owned: ALL, wanted: [] })
      const two = await joined(test, 'two')

      expect(await two.beat()).toMatchObject({ owned: [] })
      const { wanted } = await one.beat()
      expect(wanted).toHaveLength(PARTITIONS / 2)
      await one.store.release(one.member, wanted)

      expect((await two.beat()).owned).toEqual(wanted)
      const { owned } = await one.beat()
      expect(owned).toEqual(ALL.filter((number) => !wanted.includes(number)))
      expect((await one.beat()).wanted).toEqual([])
    })

    it('come to rest evenly among three, and nothing goes back and forth', async () => {
      await free(test)
      const workers = [await joined(test, 'one'), await joined(test, 'two')]
      const turn = async () => {
        for (const { store, member, beat } of workers)
          await store.release(member, (await beat()).wanted)
      }
      await turn()
      workers.push(await joined(test, 'three'))
      for (let turns = 0; turns < 6; turns++) await turn()

      const counts = async () => {
        const { owners } = await test.store.fleet()
        return workers.map(
          ({ member }) => owners.filter(({ worker }) => worker === member.worker).length,
        )
      }
      const settled = await counts()
      await turn()

      expect(settled.toSorted((a, b) => a - b)).toEqual([21, 21, 22])
      expect(await counts()).toEqual(settled)
    })
  })
}

/** How they change hands. */
export function lostWorkerTests(test: OneState): void {
  describe('partitions', () => {
    it('are no more than a worker asks for', async () => {
      await free(test)
      const one = await joined(test, 'one', 5)
      const none = await joined(test, 'none', 0)

      expect((await one.beat()).owned).toHaveLength(5)
      expect((await none.beat()).owned).toEqual([])
      expect(await one.store.claim(one.member, 2)).toHaveLength(2)
    })

    it('of a worker that is not heard of are the others’, and it finds out', async () => {
      await free(test)
      const one = await joined(test, 'one')
      await one.store.beat(one.member, NO_TIME)
      const two = await joined(test, 'two')

      expect((await two.beat()).owned).toEqual(ALL)

      await expect(one.commit({ deltas: [delta(3, 'x')] })).rejects.toMatchObject(LOST)
      await expect(one.beat()).rejects.toMatchObject(LOST)
      await one.store.release(one.member, [3])
      await one.store.leave(one.member)
      await two.commit({ deltas: [delta(3, 'y')] })
      expect(texts(await test.store.loadPartition(3))).toEqual([null, 'y'])
    })

    it('go to those who have the newest configuration, and to nobody else', async () => {
      await free(test)
      const one = await joined(test, 'one')
      await one.beat()
      const two = await test.open()
      const card = { worker: 'two', url: null, fingerprint: 'newer', demand: PARTITIONS }
      const member = await two.join(card, TTL_MS)

      expect((await two.beat(member, TTL_MS, 'newer')).owned).toEqual([])
      const { wanted } = await one.store.beat(one.member, TTL_MS, 'newer')
      expect(wanted).toHaveLength(PARTITIONS / 2)
      await one.store.release(one.member, ALL)
      expect((await one.store.beat(one.member, TTL_MS, 'newer')).owned).toEqual([])
      expect((await two.beat(member, TTL_MS, 'newer')).owned).toEqual(ALL)
    })

    it('of a worker that is known to be gone are free at once', async () => {
      await free(test)
      const one = await joined(test, 'one')
      await one.beat()
      const two = await joined(test, 'two')

      await two.store.bury(one.member)

      expect((await two.beat()).owned).toEqual(ALL)
    })
  })
}

/** Values that all workers share. */
export function sharedValueTests(test: OneState): void {
  describe('a value that workers share', () => {
    const key = 'shared'
    const add = (more: number) => (before: Json | null) => {
      const value = Number(before ?? 0) + more
      return { value, result: value }
    }

    it('loses no change of several who change it at once', async () => {
      await free(test)
      const workers = [
        await joined(test, 'one'),
        await joined(test, 'two'),
        await joined(test, 'three'),
      ]
      const before = await test.store.values('')

      const results = await Promise.all(
        workers.flatMap(({ store, member }) =>
          Array.from({ length: 5 }, () => store.changeValue(member, key, add(1))),
        ),
      )

      expect(results.toSorted((a, b) => a - b)).toEqual(
        Array.from({ length: 15 }, (_, at) => at + 1),
      )
      expect(await test.store.values('')).toEqual(new Map([...before, [key, 15]]))
      await test.store.verify()
      expect(await test.store.check()).toEqual([])
    })

    it('stays as it is where a change says so, or fails', async () => {
      await free(test)
      const { store, member } = await joined(test, 'one')
      await store.changeValue(member, key, add(3))

      const seen = await store.changeValue(member, key, (value, nowMs) => ({
        value: null,
        result: [value, nowMs],
      }))
      const failing = store.changeValue(member, key, () => {
        throw new Error('no')
      })

      await expect(failing).rejects.toThrow('no')
      expect(seen).toEqual([3, expect.any(Number)])
      expect(await test.store.values(key)).toEqual(new Map([[key, 3]]))
    })

    it('is changed by nobody who was lost', async () => {
      await free(test)
      const { store, member } = await joined(test, 'one')
      await test.store.bury(member)

      await expect(store.changeValue(member, key, add(1))).rejects.toMatchObject(LOST)
      expect(await test.store.values(key)).toEqual(new Map())
    })
  })
}
