import type { CommitGroup, Membership, StateStore, Writer } from '@engage-sync/core'
import { PARTITIONS } from '@engage-sync/core'
import { describe, expect, it } from 'vitest'
import { TTL_MS } from './one-state.ts'
import type { OneState } from './one-state.ts'
import { delta, letter, mapping, mark, run, texts } from './samples.ts'

/** A time that is over when it is given: the clock of the store need not be moved. */
const NO_TIME = 0
const LOST = { code: 'STATE_LEASE_LOST' }
const HELD = { code: 'STATE_LEASE_HELD' }

/** A worker of a contract test, over a store of its own. */
interface TestWorker {
  readonly store: StateStore
  readonly member: Membership
  beat(): ReturnType<StateStore['beat']>
  commit(group: Omit<CommitGroup, keyof Writer>): Promise<void>
}

async function joined(test: OneState, worker: string, demand = PARTITIONS): Promise<TestWorker> {
  const store = await test.open()
  const card = { worker, url: null, fingerprint: 'f', demand }
  const member = await store.join(card, TTL_MS)
  const { epoch } = member
  return {
    store,
    member,
    beat: () => store.beat(member, TTL_MS),
    commit: (group) => store.commit({ worker, epoch, ...group }),
  }
}

/** Workers without the lease of the test. */
async function free(test: OneState): Promise<void> {
  await test.store.releaseLease(test.lease)
}

const ALL = Array.from({ length: PARTITIONS }, (_, number) => number)

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
