import { ALIAS, PARTITIONS, readPartition } from '@engage-sync/core'
import type {
  Json,
  Lease,
  MappingRecord,
  Partition,
  StateInfo,
  StateStore,
} from '@engage-sync/core'
import { readLayout } from './row-layout.ts'
import { sharesOf, unownedOf } from './workers.ts'
import type { WorkerShare } from './workers.ts'
import { fleetConfiguration } from '../values/configuration.ts'
import { cohortNames } from '../values/values.ts'

/** What a state holds, added up. No user is named. */
export interface StateSummary {
  readonly info: StateInfo
  readonly users: { readonly total: number; readonly aliases: number; readonly forgotten: number }
  readonly columns: number
  readonly bytes: { readonly snapshots: number; readonly deltas: number }
  /** Deltas since the snapshots. */
  readonly deltas: number
  readonly mappings: readonly MappingRecord[]
  readonly positions: ReadonlyMap<string, Json>
  /** Names of cohorts by id. */
  readonly cohorts: ReadonlyMap<string, string>
  /** Requests whose outcome is not known. */
  readonly marks: number
  readonly deadLetters: number
  readonly runs: number
  readonly lease: Lease | null
  readonly workers: readonly WorkerShare[]
  /** Partitions that none of them works on, ascending. */
  readonly unowned: readonly number[]
}

/** Reads everything and adds it up; takes as long as reading all rows does. */
export async function summariseState(store: StateStore): Promise<StateSummary> {
  const sizes = await store.sizes()
  const layout = await readLayout(store)
  const users = { total: 0, aliases: 0, forgotten: 0 }
  for (let number = 0; number < PARTITIONS; number++)
    countUsers(readPartition(number, layout, await store.loadPartition(number)), users)
  const fleet = await store.fleet()
  return {
    info: store.info,
    users,
    columns: layout.columns.length,
    bytes: { snapshots: sumOf(sizes, 'snapshotBytes'), deltas: sumOf(sizes, 'deltaBytes') },
    deltas: sizes.reduce((sum, { deltas }) => sum + deltas.length, 0),
    mappings: await store.mappings(),
    positions: await store.positions(),
    cohorts: await cohortNames.readAll(store),
    marks: (await store.openMarks()).length,
    deadLetters: await store.countDeadLetters({}),
    runs: (await store.nextRunNumber()) - 1,
    lease: await store.currentLease(),
    workers: sharesOf(fleet, await fleetConfiguration.read(store)),
    unowned: unownedOf(fleet),
  }
}

function countUsers(
  partition: Partition,
  users: { total: number; aliases: number; forgotten: number },
): void {
  const { flags, rows } = partition
  for (let row = 0; row < rows; row++) {
    if (flags.isForgotten(row)) users.forgotten++
    else {
      users.total++
      if (partition.kindOf(row) === ALIAS) users.aliases++
    }
  }
}

function sumOf<Key extends string>(
  items: readonly Readonly<Record<Key, number>>[],
  key: Key,
): number {
  return items.reduce((sum, item) => sum + item[key], 0)
}
