import { PendingPool } from '../fold/pending.ts'
import { SEEN } from '../fold/program.ts'
import type { CounterProgram, FoldProgram } from '../fold/program.ts'
import type { OpenPartition, OpenRows } from '../fold/rows.ts'
import { hashOut } from '../rows/hash.ts'
import { ROW_CREATED } from '../rows/layout.ts'
import { ALIAS, EXTERNAL_ID, hashUser, Partition } from '../rows/partition.ts'
import type { UserKey } from '../rows/partition.ts'
import { PARTITIONS } from '../state-store.ts'
import type { UserRef } from '../update.ts'
import type { PendingOutput } from './build-update.ts'
import { addDayCount } from './day-counts.ts'
import { MEMBER } from './evaluate-segment.ts'

/** What is known of a user, and was delivered, before the first batch. */
export interface MemoryKnown {
  readonly user: UserRef
  /** Segments the user belongs to, by segment id. */
  readonly segments: readonly string[]
  /** When events were delivered, by name, milliseconds since the epoch. */
  readonly events: ReadonlyMap<string, readonly number[]>
}

interface RowPlace {
  readonly open: OpenPartition
  readonly row: number
}

/** Writes memberships and delivered events into a user's row, which is added when there is none. */
export function rememberUser(program: FoldProgram, rows: OpenRows, known: MemoryKnown): void {
  const place = placeOf(rows, known.user)
  const { words, layout } = place.open.rows
  const base = place.row * layout.stride
  words[base] |= ROW_CREATED
  for (const { segment, slots, seenOffset } of program.segments) {
    words[base + seenOffset] = SEEN
    if (!known.segments.includes(segment.id)) continue
    for (const { offset } of slots) {
      words[base + offset] = MEMBER.low
      words[base + offset + 1] = MEMBER.high
    }
  }
  for (const counter of program.counters) {
    for (const time of known.events.get(counter.name) ?? []) countOnce(counter, place, time)
  }
}

function placeOf(rows: OpenRows, user: UserRef): RowPlace {
  const key = keyOf(user)
  hashUser(key.kind, key.bytes, key.start, key.end)
  const number = hashOut[0] & (PARTITIONS - 1)
  const open = rows.partitions[number] ?? rows.open(new Partition(number, rows.layout))
  const row = open.rows.findOrAdd(key)
  open.pending.ensureRow(row)
  return { open, row }
}

function keyOf(user: UserRef): UserKey {
  const isAlias = 'alias' in user
  const bytes = new TextEncoder().encode(isAlias ? `${user.alias.label}\u0000${user.alias.name}` : user.externalId)
  return { kind: isAlias ? ALIAS : EXTERNAL_ID, bytes, start: 0, end: bytes.length }
}

/** Counts one delivered event. */
export function countOnce(counter: CounterProgram, { open, row }: RowPlace, timeMs: number): void {
  const at = row * open.rows.layout.stride + counter.offset
  if (counter.daily) addDayCount(open.rows, at, timeMs)
  else open.rows.words[at]++
}

/** Keeps the texts that later differences start from. */
export function keepTexts({ rows, pending }: OpenPartition, row: number, delivered: readonly PendingOutput[]): void {
  for (const { entry, output } of delivered) {
    if (!output.keep) continue
    rows.kept.set(row * rows.layout.columns.length + output.column, pending.arena.text(pending.value[entry], pending.length[entry]))
  }
}

/** Forgets what was pending, since it is delivered now. */
export function renewPending(open: OpenPartition): void {
  open.pending = new PendingPool()
  open.pending.ensureRow(open.rows.rows)
}
