import type { CommitGroup, Writer } from '@engage-sync/core'
import { describe, expect, it } from 'vitest'
import type { OneState } from './one-state.ts'
import { delta, letter, mapping, mark, run, texts } from './samples.ts'
import { free, joined, LOST } from './test-worker.ts'

/** What workers commit. */
export function workerCommitTests(test: OneState): void {
  describe('a commit of a worker', () => {
    it('writes to partitions of its own, beside others, and leaves a state that is whole', async () => {
      await free(test)
      const workers = [await joined(test, 'one', 32), await joined(test, 'two', 32)]
      for (const { beat } of workers) await beat()
      const numbers = Array.from({ length: 12 }, (_, index) => index)

      await Promise.all(
        workers.flatMap(({ commit, store }, index) =>
          numbers.map(async (number) => {
            const partition = index * 32 + (number % 3)
            const id = `${index}:${number}`
            await commit({
              deltas: [delta(partition, id)],
              openMarks: [{ ...mark(id, number), partition }],
              closeMarks: [`${index}:${number - 1}`],
              positions: [{ source: 'engage', partition, position: number }],
              values: [
                { key: `due:${partition}`, partition, value: number },
                { key: `allow:${number}`, value: null },
              ],
              deadLetters: [
                letter({ subject: { partition, user: 'u', slot: '' }, code: `C${number % 2}` }),
              ],
              run: run(await store.allotRun(), 'running'),
            })
          }),
        ),
      )

      expect(await test.store.openMarks()).toHaveLength(2)
      expect(await test.store.partitionPositions()).toHaveLength(6)
      expect((await test.store.runs(99)).length).toBe(24)
      expect(await test.store.countDeadLetters({})).toBe(24)
      await test.store.verify()
      for (const partition of [0, 1, 2, 32, 33, 34]) await test.store.loadPartition(partition)
    })
  })
}

/** What they may not. */
export function refusedCommitTests(test: OneState): void {
  describe('a commit of a worker', () => {
    it('writes nothing where a partition is another’s, or nobody’s', async () => {
      await free(test)
      const one = await joined(test, 'one', 32)
      const two = await joined(test, 'two', 32)
      await one.beat()
      await two.beat()
      const own = { deltas: [delta(1, 'own')] }
      const others: readonly Omit<CommitGroup, keyof Writer>[] = [
        { deltas: [delta(40, 'x')] },
        { snapshots: [delta(40, 'x')] },
        { openMarks: [{ ...mark('m', 1), partition: 40 }] },
        { positions: [{ source: 'engage', partition: 40, position: 1 }] },
        { values: [{ key: 'due:40', partition: 40, value: 1 }] },
        { deadLetters: [letter({ subject: { partition: 40, user: 'u', slot: '' } })] },
      ]

      for (const group of others)
        await expect(one.commit({ ...own, ...group })).rejects.toMatchObject(LOST)
      await two.store.release(two.member, [40])
      await expect(two.commit({ deltas: [delta(40, 'x')] })).rejects.toMatchObject(LOST)

      expect(texts(await test.store.loadPartition(40))).toEqual([null])
      expect(texts(await test.store.loadPartition(1))).toEqual([null])
      await one.commit(own)
      await test.store.verify()
    })

    it('has nothing that several might write at once', async () => {
      await free(test)
      const one = await joined(test, 'one')
      await one.beat()
      const shared: readonly Omit<CommitGroup, keyof Writer>[] = [
        { values: [{ key: 'registry', value: [] }] },
        { mappings: [mapping('a:traits.x', 'one')] },
        { removeMappings: ['a:traits.x'] },
        { positions: [{ source: 'engage', position: 1 }] },
        { openMarks: [mark('m', 1)] },
      ]

      for (const group of shared)
        await expect(one.commit(group)).rejects.toMatchObject({ code: 'INTERNAL' })
    })
  })
}

/** What several do to the same records. */
export function sharedLetterTests(test: OneState): void {
  describe('a commit of a worker', () => {
    it('removes letters that others remove at the same time, once', async () => {
      await free(test)
      const one = await joined(test, 'one', 32)
      const two = await joined(test, 'two', 32)
      await one.beat()
      await two.beat()
      const subject = { partition: 1, user: 'u', slot: '' }
      for (let count = 0; count < 8; count++)
        await one.commit({ deadLetters: [letter({ subject })] })
      const ids = (await one.store.deadLetters({ limit: 99 })).map(({ id = 0 }) => id)
      const { epoch } = two.member

      await Promise.all([
        ...ids.map((id) => one.commit({ removeDeadLetters: [id] })),
        two.store.expireDeadLetters({ epoch, worker: 'two' }, Number.MAX_SAFE_INTEGER),
        two.store.expireDeadLetters({ epoch, worker: 'two' }, Number.MAX_SAFE_INTEGER),
      ])

      expect(await test.store.countDeadLetters({})).toBe(0)
      await test.store.verify()
    })

    it('takes over and takes away a value that another one wrote with its own partition', async () => {
      await free(test)
      const one = await joined(test, 'one', 32)
      const two = await joined(test, 'two', 32)
      await one.beat()
      await two.beat()
      const key = 'handover:40:1:1:1'
      const values = () => test.store.values('handover:')

      await one.commit({
        deltas: [delta(1, 'emptied')],
        values: [{ key, partition: 1, value: { said: 'all' } }],
      })
      await two.commit({ values: [{ key, partition: 40, value: { said: 'a part' } }] })
      expect(await values()).toEqual(new Map([[key, { said: 'a part' }]]))
      const ends = { deltas: [delta(40, 'taken')], values: [{ key, partition: 40, value: null }] }
      await two.store.release(two.member, [40])
      await expect(two.commit(ends)).rejects.toMatchObject(LOST)
      expect((await values()).size).toBe(1)
      await two.beat()
      await two.commit(ends)

      expect(await values()).toEqual(new Map())
      await test.store.verify()
    })
  })
}
