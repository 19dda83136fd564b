import { PARTITIONS } from '@engage-sync/core'
import { describe, expect, it } from 'vitest'
import type { OneState } from './one-state.ts'
import { delta, texts } from './samples.ts'

/** Snapshots and deltas of partitions. */
export function rowTests(test: OneState): void {
  describe('rows', () => {
    it('are absent at first', async () => {
      expect(await test.store.loadPartition(0)).toEqual({ snapshot: null, deltas: [] })
      expect(await test.store.sizes()).toEqual([])
    })

    it('come back as deltas in the order of their commits, each in its partition', async () => {
      await test.commit({ deltas: [delta(3, 'a'), delta(PARTITIONS - 1, 'x'), delta(3, 'b')] })
      await test.commit({ deltas: [delta(3, 'c')] })
      await test.commit({ deltas: [delta(3, 'd'), delta(3, 'e')] })

      const { store } = test
      expect(texts(await store.loadPartition(3))).toEqual([null, 'a', 'b', 'c', 'd', 'e'])
      expect(texts(await (await test.elsewhere()).loadPartition(PARTITIONS - 1))).toEqual([
        null,
        'x',
      ])
    })

    it('lose the deltas of a partition, and of no other, to its snapshot', async () => {
      await test.commit({ deltas: [delta(3, 'a'), delta(4, 'b')] })
      await test.commit({ snapshots: [delta(3, 'all')] })
      await test.commit({ deltas: [delta(3, 'c')] })

      expect(texts(await test.store.loadPartition(3))).toEqual(['all', 'c'])
      expect(texts(await test.store.loadPartition(4))).toEqual([null, 'b'])
    })

    it('replace a snapshot, and put the deltas of its group behind it', async () => {
      await test.commit({ snapshots: [delta(3, 'old')], deltas: [delta(3, 'a')] })
      await test.commit({ snapshots: [delta(3, 'new')], deltas: [delta(3, 'b')] })

      expect(texts(await test.store.loadPartition(3))).toEqual(['new', 'b'])
    })

    it('hold any bytes, none and many', async () => {
      const every = Uint8Array.from({ length: 256 }, (_, index) => index)
      const many = Uint8Array.from({ length: 3_000_000 }, (_, index) => (index * 7919) & 0xff)
      await test.commit({ snapshots: [{ partition: 1, bytes: many }] })
      await test.commit({
        deltas: [
          { partition: 1, bytes: every },
          { partition: 1, bytes: new Uint8Array(0) },
        ],
      })

      const image = await test.store.loadPartition(1)

      expect(Buffer.compare(image.snapshot!, many)).toBe(0)
      expect(image.deltas.map((bytes) => [...bytes])).toEqual([[...every], []])
    })

    it('are measured', async () => {
      await test.commit({
        snapshots: [delta(3, 'four')],
        deltas: [delta(3, 'a'), delta(3, 'bc'), delta(9, 'def')],
      })

      expect(await test.store.sizes()).toEqual([
        { partition: 3, snapshotBytes: 4, deltaBytes: 3, deltas: [1, 2] },
        { partition: 9, snapshotBytes: 0, deltaBytes: 3, deltas: [3] },
      ])
    })
  })
}
