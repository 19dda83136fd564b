import { describe, expect, it } from 'vitest'
import type { OneState } from './one-state.ts'
import { countAll, delta, EVERYTHING, mapping, run, texts } from './samples.ts'

/** Who commits beside somebody else, under the same lease. */
export function besideTests(test: OneState): void {
  describe('a commit', () => {
    it('leaves a state that is whole beside others that write the same records at once', async () => {
      const stores = [test.store, await test.open(), await test.open(), await test.open()]
      const { epoch } = test.lease

      for (let round = 0; round < 8; round++)
        await Promise.all(
          stores.map((store, at) =>
            store.commit({
              epoch,
              values: [
                { key: 'kept', value: `${round} ${at}` },
                { key: `new ${round}`, value: at },
                { key: 'gone', value: (round + at) % 3 === 0 ? null : at },
              ],
              mappings: [mapping('a:traits.x', `${round} ${at}`)],
              removeMappings: [`a:traits.${round}`],
              run: run(1 + (round % 2), 'running'),
            }),
          ),
        )

      expect((await test.store.values('new')).size).toBe(8)
      await (await test.elsewhere()).verify()
    })
  })
}

/** A commit is whole or not there. */
export function atomicityTests(test: OneState): void {
  describe('a commit', () => {
    it('writes all of its group', async () => {
      await test.commit(EVERYTHING)

      expect(await countAll(await test.elsewhere())).toEqual([1, 1, 1, 1, 1, 1, 1, 1])
    })

    it('writes nothing under an epoch that is not the current one', async () => {
      for (const epoch of [test.lease.epoch - 1, test.lease.epoch + 1]) {
        await expect(test.store.commit({ ...EVERYTHING, epoch })).rejects.toMatchObject({
          code: 'STATE_LEASE_LOST',
        })
      }

      expect(await countAll(await test.elsewhere())).toEqual([0, 0, 0, 0, 0, 0, 0, 0])
    })

    it('writes nothing when a part of it cannot be written', async () => {
      const impossible = { partition: 'none' as unknown as number, bytes: Uint8Array.of(1) }

      await expect(
        test.commit({ ...EVERYTHING, deltas: [...EVERYTHING.deltas!, impossible] }),
      ).rejects.toThrow()

      expect(await countAll(await test.elsewhere())).toEqual([0, 0, 0, 0, 0, 0, 0, 0])
      await test.commit(EVERYTHING)
    })

    it('may be empty', async () => {
      await test.commit({})
    })

    it('takes its place behind those before it when several are asked for at once', async () => {
      const numbers = Array.from({ length: 30 }, (_, index) => index)

      await Promise.all(
        numbers.map((index) =>
          test.commit({
            deltas: [delta(5, String(index))],
            values: [{ key: 'last', value: index }],
          }),
        ),
      )

      expect(texts(await test.store.loadPartition(5))).toEqual([null, ...numbers.map(String)])
      expect((await test.store.values('last')).get('last')).toBe(29)
    })

    it('stays when the store is closed and opened', async () => {
      await test.commit(EVERYTHING)
      await test.store.close()

      expect(await countAll(await test.elsewhere())).toEqual([1, 1, 1, 1, 1, 1, 1, 1])
    })
  })
}

/** What a state says of itself, and how it is closed. */
export function wholeStateTests(test: OneState): void {
  describe('the state', () => {
    it('says the same of itself to everyone', async () => {
      expect((await test.elsewhere()).info).toEqual(test.store.info)
      expect(test.store.info.format).toBeGreaterThan(0)
      expect(test.store.info.id).not.toBe('')
    })

    it('is sound when it is empty', async () => {
      expect(await test.store.check()).toEqual([])
    })

    it('names the partition whose rows are no rows', async () => {
      await test.commit({ snapshots: [{ partition: 7, bytes: Uint8Array.of(1, 2, 3) }] })

      expect((await test.store.check()).join()).toMatch(/[Pp]artition 7/)
    })

    it('keeps everything through a purge', async () => {
      await test.commit(EVERYTHING)

      expect(await test.store.purge()).toBe(true)

      expect(await countAll(test.store)).toEqual([1, 1, 1, 1, 1, 1, 1, 1])
    })

    it('is closed twice without complaint', async () => {
      const store = await test.elsewhere()

      await store.close()
      await store.close()
    })
  })
}
