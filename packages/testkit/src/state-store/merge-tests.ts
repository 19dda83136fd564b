import { describe, expect, it } from 'vitest'
import type { OneState } from './one-state.ts'
import { delta, texts } from './samples.ts'

/** Deltas of partitions that become one. */
export function mergeTests(test: OneState): void {
  describe('deltas', () => {
    it('make one of the newest deltas of a partition, in their order, and of no other', async () => {
      const all = ['a', 'bc', 'd', 'e'].map((text) => delta(3, text))
      await test.commit({ snapshots: [delta(3, 'all')], deltas: [...all, delta(4, 'x')] })
      await test.commit({ deltas: [delta(4, 'y')] })

      await test.commit({
        merges: [{ partition: 3, deltas: 3 }],
        deltas: [delta(3, 'f')],
      })
      await test.commit({ deltas: [delta(3, 'g')] })

      const { store } = test
      expect(texts(await store.loadPartition(3))).toEqual(['all', 'a', 'bcde', 'f', 'g'])
      expect(texts(await store.loadPartition(4))).toEqual([null, 'x', 'y'])
      expect(await store.check()).toEqual(await (await test.elsewhere()).check())
      expect((await store.sizes()).map(({ deltas }) => deltas)).toEqual([
        [1, 4, 1, 1],
        [1, 1],
      ])
      await store.verify()
    })

    it('make one of what is there where fewer are asked for than that, and nothing of one', async () => {
      await test.commit({ deltas: [delta(3, 'a'), delta(3, 'b'), delta(4, 'x'), delta(5, 'p')] })
      await test.commit({ snapshots: [delta(5, 'whole')], deltas: [delta(5, 'q')] })

      await test.commit({ merges: [3, 4, 5, 6].map((partition) => ({ partition, deltas: 9 })) })

      const loaded = [3, 4, 5, 6].map((partition) => test.store.loadPartition(partition))
      expect((await Promise.all(loaded)).map(texts)).toEqual([
        [null, 'ab'],
        [null, 'x'],
        ['whole', 'q'],
        [null],
      ])
    })

    it('drop what a merge would make where a snapshot takes its place', async () => {
      await test.commit({ deltas: [delta(3, 'a'), delta(3, 'b')] })

      await test.commit({
        merges: [{ partition: 3, deltas: 2 }],
        snapshots: [delta(3, 'whole')],
        deltas: [delta(3, 'c')],
      })

      expect(texts(await test.store.loadPartition(3))).toEqual(['whole', 'c'])
    })

    it('are not merged by whoever lost the lease, nor where a piece is damaged', async () => {
      await test.commit({ deltas: [delta(3, 'a'), delta(3, 'b')] })
      const merges = [{ partition: 3, deltas: 2 }]
      const lost = test.store.commit({ epoch: test.lease.epoch - 1, merges })
      await expect(lost).rejects.toMatchObject({ code: 'STATE_LEASE_LOST' })
      expect(texts(await test.store.loadPartition(3))).toEqual([null, 'a', 'b'])

      const rows = await test.tables.read('deltas')
      await test.tables.write(
        'deltas',
        rows.map((row, index) => (index === 0 ? { ...row, bytes: Buffer.from('A') } : row)),
      )

      await expect(test.commit({ merges })).rejects.toMatchObject({ code: 'STATE_UNREADABLE' })
    })
  })
}
