import type { UserRef } from '@engage-sync/contract'
import { markSeen } from '../fold/presence.ts'
import type { CounterProgram, FoldProgram } from '../fold/program.ts'
import { MEMBER } from '../rows/hash/digest.ts'
import type { OpenPartition, RowPlace } from '../rows/pending/open-partition.ts'
import type { OpenRows } from '../rows/pending/open-rows.ts'
import { Partition } from '../rows/partition.ts'
import { partitionOf, userKeyOfRef } from '../rows/hash/user-key.ts'
import type { PendingOutput } from './build-update.ts'

/** What is known of a user, and was delivered, before the first batch. */
export interface MemoryKnown {
  readonly user: UserRef
  /** Segments the user belongs to, by segment id. */
  readonly segments: readonly string[]
  /** When events were delivered, by name, milliseconds since the epoch. */
  readonly events: ReadonlyMap<string, readonly number[]>
}

/** Writes memberships and delivered events into a user's row, which is added when there is none. */
export function rememberUser(program: FoldProgram, rows: OpenRows, known: MemoryKnown): void {
  const place = placeOf(rows, known.user)
  const { slots, flags } = place.open.rows
  flags.create(place.row)
  for (const segment of program.segments) {
    markSeen(segment, place)
    if (!known.segments.includes(segment.segment.id)) continue
    for (const { column } of segment.slots) slots.writeDigest(place.row, column, MEMBER)
  }
  for (const counter of program.counters) {
    for (const time of known.events.get(counter.name) ?? []) countOnce(counter, place, time)
  }
}

function placeOf(rows: OpenRows, user: UserRef): RowPlace {
  const key = userKeyOfRef(user)
  const number = partitionOf(key)
  const open = rows.partitions[number] ?? rows.open(new Partition(number, rows.layout))
  return { open, row: open.findOrAdd(key) }
}

/** Counts one delivered event. */
export function countOnce(counter: CounterProgram, { open, row }: RowPlace, timeMs: number): void {
  open.rows.counts.count(row, counter, timeMs)
}

/** Stores the texts that later differences start from. */
export function storeTexts(
  { rows, pending }: OpenPartition,
  row: number,
  delivered: readonly PendingOutput[],
): void {
  for (const { entry, output } of delivered) {
    if (output.storesText) rows.storedTexts.set(row, output.column, pending.text(entry))
  }
}
