import {
  closest,
  isNothing,
  isSameDigest,
  isSlotOf,
  NO_VALUE,
  PARTITIONS,
  readPartition,
} from '@engage-sync/core'
import type { Column, MappingRecord, Partition, StateStore } from '@engage-sync/core'
import { unknownMapping } from '../format/errors.ts'
import { readLayout } from './row-layout.ts'

/** What rows hold of one slot of a mapping. */
export interface SlotHoldings {
  /** Its id: the mapping's, and what it is sent as. */
  readonly slot: string
  /** Users of whom something was delivered that is no null. */
  readonly holds: number
  /** Users whose value was unset. */
  readonly unset: number
}

/** A mapping as a state knows it, with what of it was delivered. No user is named. */
export interface MappingHoldings {
  readonly record: MappingRecord
  /** Users who hold something of it, in whatever slot. */
  readonly users: number
  readonly slots: readonly SlotHoldings[]
}

/** Every mapping of a state; takes as long as reading all rows does. */
export async function mappingHoldings(store: StateStore): Promise<readonly MappingHoldings[]> {
  const layout = await readLayout(store)
  const tallies = (await store.mappings()).map((record) => tallyOf(record, layout.columns))
  for (let number = 0; number < PARTITIONS; number++) {
    const partition = readPartition(number, layout, await store.loadPartition(number))
    for (let row = 0; row < partition.rows; row++) {
      if (partition.flags.isForgotten(row)) continue
      for (const tally of tallies) countRow(tally, partition, row)
    }
  }
  return tallies
}

/**
 * One of them, by its id.
 *
 * @throws {StateError} `STATE_MAPPING` when there is none, with the nearest
 */
export async function holdingsOf(store: StateStore, id: string): Promise<MappingHoldings> {
  const all = await mappingHoldings(store)
  const found = all.find(({ record }) => record.id === id)
  if (found !== undefined) return found
  const ids = all.map(({ record }) => record.id)
  throw unknownMapping(id, closest(id, ids))
}

interface Tally extends MappingHoldings {
  users: number
  readonly slots: readonly (SlotHoldings & { holds: number; unset: number; column: number })[]
}

function tallyOf(record: MappingRecord, columns: readonly Column[]): Tally {
  const slots = columns
    .filter(({ id, kind }) => kind === 'slot' && isSlotOf(record.id, id))
    .map(({ id, number }) => ({ slot: id, column: number, holds: 0, unset: 0 }))
  return { record, users: 0, slots }
}

function countRow(tally: Tally, partition: Partition, row: number): void {
  let isHeld = false
  for (const slot of tally.slots) {
    const digest = partition.slots.digest(row, slot.column)
    if (isNothing(digest)) continue
    if (isSameDigest(digest, NO_VALUE)) slot.unset++
    else {
      slot.holds++
      isHeld = true
    }
  }
  if (isHeld) tally.users++
}
