import { describe, expect, it } from 'vitest'
import type { OneState } from './one-state.ts'
import { mapping, mark, run } from './samples.ts'

/** Marks and positions. */
export function recordTests(test: OneState): void {
  describe('what stands beside the rows', () => {
    it('is nothing at first', async () => {
      const { store } = test
      const all = [
        await store.openMarks(),
        [...(await store.positions())],
        await store.mappings(),
        [...(await store.values(''))],
      ]

      expect([...all, await store.runs(10), await store.deadLetters({ limit: 10 })]).toEqual([
        [],
        [],
        [],
        [],
        [],
        [],
      ])
      expect(await store.nextRunNumber()).toBe(1)
    })

    it('keeps marks until they are closed, and lets one be replaced', async () => {
      const intent = { events: [[1, 'label\u0000name', 'Zürich \u{1F600}']] }
      await test.commit({
        openMarks: [mark('1-a', intent), mark('1-b', 'old'), mark('1-c', 'gone')],
      })
      await test.commit({ openMarks: [mark('1-b', 'new')], closeMarks: ['1-c', 'never opened'] })
      await test.commit({ openMarks: [mark('1-d', 'at once')], closeMarks: ['1-d'] })

      expect(await (await test.elsewhere()).openMarks()).toEqual([
        mark('1-a', intent),
        mark('1-b', 'new'),
      ])
    })

    it('keeps of which partition a mark is', async () => {
      await test.commit({ openMarks: [{ ...mark('1-a', 1), partition: 7 }, mark('1-b', 2)] })

      expect(await (await test.elsewhere()).openMarks()).toEqual([
        { ...mark('1-a', 1), partition: 7 },
        mark('1-b', 2),
      ])
    })
  })
}

/** Where sources go on. */
export function positionTests(test: OneState): void {
  describe('what stands beside the rows', () => {
    it('keeps positions of partitions until one of all of them takes their place', async () => {
      const ofPartition = (partition: number, position: number) => ({
        source: 'engage',
        partition,
        position,
      })
      await test.commit({ positions: [{ source: 'engage', position: 1 }, ofPartition(3, 0)] })
      await test.commit({ positions: [ofPartition(3, 2), ofPartition(5, 4)] })
      await test.commit({ positions: [ofPartition(3, 6), { source: 'people', position: 'x' }] })
      const other = await test.elsewhere()

      expect([...(await other.positions())]).toEqual([
        ['engage', 1],
        ['people', 'x'],
      ])
      expect(await other.partitionPositions()).toEqual([ofPartition(3, 6), ofPartition(5, 4)])
      await test.commit({ positions: [{ source: 'engage', position: 9 }] })
      expect((await other.positions()).get('engage')).toBe(9)
      expect(await other.partitionPositions()).toEqual([])
      await other.verify()
    })

    it('keeps the last position of each source', async () => {
      await test.commit({
        positions: [
          { source: 'engage', position: { file: 'a', at: 7 } },
          { source: 'people', position: 'x' },
        ],
      })
      await test.commit({ positions: [{ source: 'engage', position: { file: 'b', at: 0 } }] })

      expect([...(await (await test.elsewhere()).positions())]).toEqual([
        ['engage', { file: 'b', at: 0 }],
        ['people', 'x'],
      ])
    })
  })
}

/** Mappings, values and runs. */
export function namedRecordTests(test: OneState): void {
  describe('what stands beside the rows', () => {
    it('forgets mappings by id, but one that is written with it', async () => {
      const [x, y] = [mapping('a:traits.x', 'one'), mapping('a:traits.y', 'one')]
      await test.commit({ mappings: [x, y, mapping('a:traits.z', 'one')] })
      await test.commit({ removeMappings: ['a:traits.x', 'a:traits.y', 'nobody'], mappings: [y] })

      const left = await (await test.elsewhere()).mappings()

      expect(left.map(({ id }) => id)).toEqual(['a:traits.y', 'a:traits.z'])
      expect(await test.store.check()).toEqual([])
    })

    it('keeps mappings by id', async () => {
      await test.commit({ mappings: [mapping('a:traits.x', 'one'), mapping('a:traits.y', 'one')] })
      await test.commit({ mappings: [{ ...mapping('a:traits.x', 'two'), active: false }] })

      expect(await (await test.elsewhere()).mappings()).toEqual([
        { ...mapping('a:traits.x', 'two'), active: false },
        mapping('a:traits.y', 'one'),
      ])
    })

    it('keeps values by key, finds them by prefix taken literally, and removes them by null', async () => {
      await test.commit({
        values: ['due', 'cohort:a', 'cohort:b%', 'cohort_c', 'Cohort:d'].map((key) => ({
          key,
          value: { of: key },
        })),
      })
      await test.commit({
        values: [
          { key: 'cohort:a', value: null },
          { key: 'due', value: [1, null] },
          { key: 'due', value: [2] },
        ],
      })

      expect([...(await test.store.values('cohort:'))]).toEqual([
        ['cohort:b%', { of: 'cohort:b%' }],
      ])
      expect([...(await test.store.values('cohort_'))]).toEqual([['cohort_c', { of: 'cohort_c' }]])
      expect((await test.store.values('due')).get('due')).toEqual([2])
      expect((await test.store.values('')).size).toBe(4)
    })

    it('gives no number to two runs', async () => {
      const stores = [test.store, await test.elsewhere(), await test.elsewhere()]
      await test.commit({ run: run(4, 'running') })

      const given = await Promise.all([...stores, ...stores].map((store) => store.allotRun()))

      expect(given.toSorted((a, b) => a - b)).toEqual([5, 6, 7, 8, 9, 10])
      expect(await test.store.nextRunNumber()).toBe(11)
    })

    it('numbers runs, and lists the newest first', async () => {
      for (const number of [1, 2, 10]) await test.commit({ run: run(number, 'running') })
      await test.commit({ run: run(10, 'done') })

      expect(await test.store.nextRunNumber()).toBe(11)
      expect(await (await test.elsewhere()).runs(2)).toEqual([run(10, 'done'), run(2, 'running')])
    })
  })
}
