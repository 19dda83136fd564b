import {
  EXTERNAL_ID,
  Layout,
  OpenRows,
  Partition,
  PARTITIONS,
  readPartition,
  userKey,
  writeSnapshot,
} from '@engage-sync/core'
import type { CommitGroup, OpenPartition, StateStore } from '@engage-sync/core'
import { describe, expect, it, onTestFinished } from 'vitest'
import { Committer } from '../../../src/engine/durable/index.ts'
import { Upkeep } from '../../../src/engine/stream/session/upkeep.ts'
import { Bench } from '../harness.ts'

const COLUMNS = Array.from({ length: 6 }, (_, number) => ({
  number,
  id: `c${number}`,
  kind: 'slot' as const,
}))
const layout = new Layout(COLUMNS)
const ROWS = 8000
const WINDOWS = 1000

/** A partition that the state holds as a snapshot. */
function bigPartition(): { readonly rows: OpenRows; readonly open: OpenPartition } {
  const partition = new Partition(3, layout)
  for (let row = 0; row < ROWS; row++) partition.findOrAdd(userKey(EXTERNAL_ID, `u${row}`))
  const rows = new OpenRows(layout)
  return { rows, open: rows.open(partition) }
}

/** What is written into a state from now on, bytes; and how often a partition is written whole. */
function watched(store: StateStore) {
  const written = { deltas: 0, merges: 0, merged: 0, snapshots: 0, most: 0 }
  const commit = store.commit.bind(store)
  store.commit = async (group: CommitGroup) => {
    for (const { bytes } of group.deltas ?? []) written.deltas += bytes.length
    for (const { partition, deltas } of group.merges ?? []) {
      const size = (await store.sizes()).find((one) => one.partition === partition)!
      written.most = Math.max(written.most, size.deltas.length)
      written.merges++
      written.merged += size.deltas.slice(-deltas).reduce((sum, bytes) => sum + bytes, 0)
    }
    written.snapshots += group.snapshots?.length ?? 0
    await commit(group)
  }
  return written
}

describe('a stream of small windows over a large partition', () => {
  it('writes in proportion to what changes, never the partition, and loses no row of it', async () => {
    const bench = new Bench({ shop: 'traits: { plan: plan }\n' })
    onTestFinished(() => bench.close())
    await bench.withStore(async (store) => {
      const { rows, open } = bigPartition()
      const lease = await store.acquireLease('the test', 60_000)
      const upkeep = new Upkeep(store, () => lease)
      const committer = new Committer(store, () => lease, {
        isLazy: true,
        onCommitted: upkeep.committed,
      })
      for (let row = 0; row < ROWS; row++) committer.deltaOf(open).row(row)
      await committer.flush()
      await upkeep.compact(rows, new Set())
      const written = watched(store)

      for (let window = 0; window < WINDOWS; window++) {
        const row = (window * 7919) % ROWS
        const column = window % COLUMNS.length
        open.rows.slots.write(row, column, { low: window, high: window + 1, time: window })
        open.rows.noteRun(row, column, 1 + Math.trunc(window / 300))
        committer.deltaOf(open).column(row, column)
        await committer.flush()
        await upkeep.compact(rows, new Set())
      }

      expect(written.snapshots).toBe(0)
      expect(written.merges).toBeGreaterThan(4)
      expect(written.merges).toBeLessThan(WINDOWS / 50)
      expect(written.merged).toBeLessThan(written.deltas * 4)
      expect(written.most).toBeLessThanOrEqual(201)
      const read = readPartition(3, layout, await store.loadPartition(3))
      expect(Buffer.compare(writeSnapshot(read), writeSnapshot(open.rows))).toBe(0)
      await store.verify()
    })
  })
})

describe('a stream of windows that touch every partition', () => {
  it('rewrites all of them by turns, several in one commit', async () => {
    const bench = new Bench({ shop: 'traits: { plan: plan }\n' })
    onTestFinished(() => bench.close())
    await bench.withStore(async (store) => {
      const rows = new OpenRows(layout)
      const lease = await store.acquireLease('the test', 60_000)
      const upkeep = new Upkeep(store, () => lease)
      const committer = new Committer(store, () => lease, {
        isLazy: true,
        onCommitted: upkeep.committed,
      })
      for (let number = 0; number < PARTITIONS; number++) {
        const partition = new Partition(number, layout)
        for (let row = 0; row < 40; row++) partition.findOrAdd(userKey(EXTERNAL_ID, `u${row}`))
        const open = rows.open(partition)
        for (let row = 0; row < 40; row++) committer.deltaOf(open).row(row)
      }
      await committer.flush()
      const rewritten = new Map<number, number>()
      let commits = 0
      const commit = store.commit.bind(store)
      store.commit = async (group: CommitGroup) => {
        if (group.snapshots !== undefined) commits++
        for (const { partition } of group.snapshots ?? [])
          rewritten.set(partition, (rewritten.get(partition) ?? 0) + 1)
        await commit(group)
      }

      for (let window = 0; window < 160; window++) {
        for (const open of rows.partitions)
          for (let row = 0; row < 40; row++) committer.deltaOf(open!).column(row, window % 6)
        await committer.flush()
        await upkeep.compact(rows, new Set())
      }

      expect(rewritten.size).toBe(PARTITIONS)
      expect(Math.min(...rewritten.values())).toBeGreaterThan(1)
      expect(commits).toBeLessThanOrEqual(160 / 8)
    })
  })
})
