import type { CommitGroup, StateStore } from '@engage-sync/core'
import { PARTITIONS } from '@engage-sync/core'
import { describe, expect, it } from 'vitest'
import { sampled } from '../random/index.ts'
import { damagesOf, KEY_OF } from './damage.ts'
import type { RawTables } from './damage.ts'
import type { OneState } from './one-state.ts'
import { delta, letter, mapping, mark, run } from './samples.ts'

/** How many damages of each table are tried where not all are. */
const SAMPLE = 4
const WAITING = 'PENDING_USER'

/** Two commits, so that every table holds several records, some of which replaced others. */
const GROUPS = [
  {
    snapshots: [delta(2, 'two'), delta(3, 'three')],
    deltas: [delta(1, 'a'), delta(1, 'b'), delta(2, 'c')],
    openMarks: [
      { ...mark('m-1', { user: 'u-1' }), partition: 2 },
      mark('m-2', { user: 'u-2' }),
      mark('m-3', 3),
    ],
    deadLetters: [
      letter({ code: 'A' }),
      letter({ code: WAITING, stage: 'waiting' }),
      letter({ code: 'B' }),
    ],
    positions: [{ source: 'engage', position: { file: 1 } }],
    mappings: [mapping('s:traits.a', 'one'), mapping('s:traits.b', 'two')],
    values: [
      { key: 'registry', value: ['a#event'] },
      { key: 'due', value: null },
      { key: 'gone', value: 1 },
    ],
    run: run(1, 'running'),
  },
  {
    merges: [{ partition: 1, deltas: 2 }],
    snapshots: [delta(3, 'three again')],
    deltas: [delta(1, 'd'), delta(3, 'e')],
    closeMarks: ['m-3'],
    removeDeadLetters: [3],
    deadLetters: [letter({ code: WAITING, stage: 'waiting', run: 2 })],
    positions: [
      { source: 'engage', position: { file: 2 } },
      { source: 'people', position: 7 },
      { source: 'club', partition: 3, position: 8 },
    ],
    values: [
      { key: 'registry', value: ['a#event', 'b#attribute'] },
      { key: 'gone', value: null },
    ],
    run: run(1, 'done'),
  },
  {
    mappings: [mapping('s:traits.b', 'three')],
    values: [{ key: 'cohort:x', value: 'VIPs' }],
    run: run(2, 'running'),
  },
] as const satisfies readonly Omit<CommitGroup, 'epoch'>[]

/** What a run does not read: history, and dead letters that do not wait. `check` does. */
const UNREAD_BY_RUNS = ['runs', 'dead_letters']

/** Nothing that is written stays unnoticed when it is not as it was written, where it was written. */
export function damageTests(test: OneState): void {
  describe('damage', () => {
    it.each(Object.keys(KEY_OF))(
      'is seen in %s, wherever it is',
      { timeout: 120_000 },
      async (table) => {
        for (const group of GROUPS) await test.commit(group)
        const sound = await test.store.check()
        const rows = await test.tables.read(table)
        const damages = sampled(
          `damages of ${table}`,
          damagesOf(table, rows).filter(isOneOf(table)),
          SAMPLE,
        )

        const unseen: string[] = []
        for (const { what, rows: damaged } of damages) {
          await test.tables.write(table, damaged)
          if (!(await isSeen(test.store, sound))) unseen.push(`${what}: check`)
          if (!UNREAD_BY_RUNS.includes(table) && !(await isRefused(test.store)))
            unseen.push(`${what}: run`)
        }
        await test.tables.write(table, rows)

        expect(unseen).toEqual([])
        expect(await test.store.check()).toEqual(sound)
        await test.store.verify()
      },
    )

    it('is seen where records, and what they add up to, are older than the rest', async () => {
      await test.commit(GROUPS[0])
      const before = await test.tables.read('values')
      await test.commit(GROUPS[1])

      await test.tables.write('values', before)

      await expect(test.store.verify()).rejects.toMatchObject({ code: 'STATE_UNREADABLE' })
    })

    it('is seen where a waiting record is missing, or taken for one that does not wait', async () => {
      await test.commit(GROUPS[0])
      const rows = await test.tables.read('dead_letters')

      for (const damaged of [withoutWaiting(rows), rows.map((row) => ({ ...row, code: 'A' }))]) {
        await test.tables.write('dead_letters', damaged)
        await expect(test.store.verify()).rejects.toMatchObject({ code: 'STATE_UNREADABLE' })
      }
    })
  })
}

/** The same of what stands there once. */
export function damagedOriginTests(test: OneState): void {
  describe('damage', () => {
    it('is seen in what a state says of itself', async () => {
      const rows = await test.tables.read('info')
      for (const { what, rows: damaged } of damagesOf('info', rows).filter(
        (_, index) => index % 3 === 0,
      )) {
        await test.tables.write('info', damaged)
        await expect(test.elsewhere(), what).rejects.toMatchObject({
          code: expect.stringMatching(/^STATE_/),
        })
      }
      await test.tables.write('info', rows)
      await test.elsewhere()
    })

    it('of a lease that is gone is told as such', async () => {
      await test.tables.write('lease', [])

      await expect(test.store.currentLease()).rejects.toMatchObject({ code: 'STATE_UNREADABLE' })
      await expect(test.commit({})).rejects.toMatchObject({ code: 'STATE_UNREADABLE' })
      await expect(test.store.acquireLease('a run', 1)).rejects.toMatchObject({
        code: 'STATE_UNREADABLE',
      })
    })
  })
}

/** Places are many, and alike. */
function isOneOf(table: string): (damage: unknown, index: number) => boolean {
  return (_, index) => table !== 'checksums' || index % 7 === 0
}

function withoutWaiting(rows: Awaited<ReturnType<RawTables['read']>>) {
  return rows.filter(({ code }) => code !== WAITING)
}

/** Whether a check finds more than before. */
async function isSeen(store: StateStore, sound: readonly string[]): Promise<boolean> {
  return (await store.check()).some((problem) => !sound.includes(problem))
}

/** Whether what a run reads is refused. */
async function isRefused(store: StateStore): Promise<boolean> {
  try {
    await store.verify()
    await store.openMarks()
    await store.positions()
    await store.partitionPositions()
    await store.mappings()
    await store.values('')
    await store.deadLetters({ limit: 9, code: WAITING })
    for (let partition = 0; partition < PARTITIONS; partition++)
      await store.loadPartition(partition)
    return false
  } catch (error) {
    if ((error as { readonly code?: string }).code === 'STATE_UNREADABLE') return true
    throw error
  }
}
