/*
 * The state alone: a commit as a run makes it, a snapshot, and reading all rows at the start, in a
 * file and in a PostgreSQL of its own on this machine.
 *
 * Options: --users N (12 slots each) --commits N --only sqlite|postgres
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import {
  EXTERNAL_ID,
  Layout,
  Partition,
  PARTITIONS,
  readPartition,
  userKey,
  writeSnapshot,
} from '@engage-sync/core'
import type { StateStore } from '@engage-sync/core'
import { startPostgres } from '@engage-sync/testkit'
import { openPostgres } from '../src/state/postgres/open-postgres.ts'
import { openSqlite } from '../src/state/sqlite/open-sqlite.ts'

const { values } = parseArgs({
  options: {
    users: { type: 'string', default: '1000000' },
    commits: { type: 'string', default: '300' },
    only: { type: 'string' },
  },
})

const SLOTS = 12
const DELTAS = 20
const DELTA_BYTES = 200

/** Milliseconds on the wall and of this process's CPU, for each of some repetitions. */
async function timed(
  times: number,
  work: (index: number) => Promise<void>,
): Promise<{ readonly wall: number; readonly cpu: number }> {
  const start = performance.now()
  const before = process.cpuUsage()
  for (let index = 0; index < times; index++) await work(index)
  const { user, system } = process.cpuUsage(before)
  return {
    wall: round((performance.now() - start) / times),
    cpu: round((user + system) / 1000 / times),
  }
}

function round(value: number): number {
  return Math.round(value * 1000) / 1000
}

function fullPartition(number: number, layout: Layout, users: number): Partition {
  const partition = new Partition(number, layout)
  for (let user = 0; user < users; user++) {
    const row = partition.findOrAdd(userKey(EXTERNAL_ID, `user-${number}-${user}-0123456789`))
    for (let slot = 0; slot < SLOTS; slot++) {
      const digest = {
        low: ((row + slot) * 2_654_435_761) >>> 0,
        high: ((row - slot) * 2_246_822_519) >>> 0,
      }
      partition.slots.write(row, slot, { ...digest, time: digest.high * digest.low })
      partition.noteRun(row, slot, 1 + (user % 7))
    }
  }
  return partition
}

async function measure(store: StateStore): Promise<object> {
  const { epoch } = await store.acquireLease('the bench', 3_600_000)
  const bytes = new Uint8Array(DELTA_BYTES).fill(7)
  const deltas = Array.from({ length: DELTAS }, (_, partition) => ({ partition, bytes }))
  const commit = () => store.commit({ epoch, deltas })
  await timed(Number(values.commits), commit)
  const commits = await timed(Number(values.commits), commit)

  const layout = new Layout(
    Array.from({ length: SLOTS }, (_, number) => ({
      number,
      id: `slot-${number}`,
      kind: 'slot' as const,
    })),
  )
  const perPartition = Math.ceil(Number(values.users) / PARTITIONS)
  const snapshots = Array.from({ length: PARTITIONS }, (_, number) =>
    writeSnapshot(fullPartition(number, layout, perPartition)),
  )
  const snapshot = await timed(PARTITIONS, (partition) =>
    store.commit({ epoch, snapshots: [{ partition, bytes: snapshots[partition] }] }),
  )

  const memory = fullPartition(0, layout, perPartition).byteLength / perPartition

  const load = await timed(3, async () => {
    for (let partition = 0; partition < PARTITIONS; partition++)
      await store.loadPartition(partition)
  })
  const open = await timed(3, async () => {
    for (let partition = 0; partition < PARTITIONS; partition++)
      readPartition(partition, layout, await store.loadPartition(partition))
  })
  return {
    commit_ms: commits,
    snapshot_ms: snapshot,
    load_all_ms: load,
    load_and_index_all_ms: open,
    bytes_a_user: Math.round(memory),
    snapshot_bytes: snapshots[0].length,
  }
}

async function inFile(): Promise<object> {
  const directory = await mkdtemp(join(tmpdir(), 'engage-sync-bench-'))
  const path = join(directory, 'state.sqlite')
  const store = openSqlite({
    path,
    environment: 'bench',
    workspace: 'simulator',
    create: true,
    now: Date.now,
  })
  const figures = await measure(store)
  await store.close()
  await rm(directory, { recursive: true })
  return figures
}

async function inPostgres(): Promise<object> {
  const server = await startPostgres()
  const store = await openPostgres({
    url: server.url,
    environment: 'bench',
    workspace: 'simulator',
    create: true,
  })
  const figures = await measure(store)
  await store.close()
  await server.stop()
  return figures
}

const figures = {
  node: process.version,
  users: Number(values.users),
  slots: SLOTS,
  commit: `${DELTAS} deltas of ${DELTA_BYTES} bytes`,
  ...(values.only === 'postgres' ? {} : { sqlite: await inFile() }),
  ...(values.only === 'sqlite' ? {} : { postgres: await inPostgres() }),
}
process.stdout.write(`${JSON.stringify(figures, null, 2)}\n`)
