import { addDayCount, countsFor, readPartition } from '@engage-sync/core'
import type { Destination, Json, Mark, OpenPartition, OpenRows, RunProgram, StateStore, UserRef } from '@engage-sync/core'
import type { Committer } from './committer.ts'
import { killPoint } from './kill-points.ts'

/** What becomes of events whose request got no durable answer. */
export type OnUnknown = 'verify' | 'repeat' | 'skip'

/** How open marks were decided; counts of events. */
export interface Recovered {
  readonly marks: number
  readonly repeated: number
  readonly skipped: number
  readonly verified: number
}

/** What recovery needs. */
export interface RecoveryParts {
  readonly store: StateStore
  readonly rows: OpenRows
  readonly program: RunProgram
  readonly destination: Destination
  readonly committer: Committer
  readonly onUnknown: OnUnknown
  readonly signal: AbortSignal
}

/** One event of a mark's intent. */
interface MarkedEvent {
  readonly partition: number
  readonly row: number
  readonly column: number
  readonly low: number
  readonly high: number
  readonly time: number
  readonly name: string
  readonly kind: number
  readonly user: string
}

/** Users asked for in one export. */
const EXPORT_BATCH = 50

/**
 * Decides the open marks of earlier runs, and makes the decision durable before anything is read.
 *
 * `repeat` lets the events be found pending again; `skip` takes them as delivered; `verify` asks the destination for
 * each user's last time of that event and skips those it has, repeats the others.
 */
export async function recover(parts: RecoveryParts): Promise<Recovered> {
  const marks = await parts.store.openMarks()
  if (marks.length === 0) return { marks: 0, repeated: 0, skipped: 0, verified: 0 }
  const events = marks.flatMap(eventsOf)
  const applied = parts.onUnknown === 'verify' ? await askDestination(parts, events) : new Set(parts.onUnknown === 'skip' ? events : [])
  for (const event of events) if (applied.has(event)) await takeAsDelivered(parts, event)
  for (const mark of marks) parts.committer.closeMark(mark.id)
  killPoint('in-recovery')
  await parts.committer.flush()
  const isVerified = parts.onUnknown === 'verify'
  return {
    marks: marks.length,
    repeated: events.length - applied.size,
    skipped: isVerified ? 0 : applied.size,
    verified: isVerified ? applied.size : 0,
  }
}

function eventsOf(mark: Mark): MarkedEvent[] {
  const { events } = mark.intent as {
    events: readonly (readonly [number, number, number, number, number, number, string, number, string])[]
  }
  return events.map(([partition, row, column, low, high, time, name, kind, user]) => ({
    partition,
    row,
    column,
    low,
    high,
    time,
    name,
    kind,
    user,
  }))
}

const EXTERNAL_ID = 0x65

function userOf(event: MarkedEvent): UserRef {
  if (event.kind === EXTERNAL_ID) return { externalId: event.user }
  const split = event.user.indexOf('\u0000')
  return { alias: { label: event.user.slice(0, split), name: event.user.slice(split + 1) } }
}

/** The events the destination already has: its last one of that name is as late as ours, and it has as many. */
async function askDestination(parts: RecoveryParts, events: readonly MarkedEvent[]): Promise<Set<MarkedEvent>> {
  const users = [...new Map(events.map((event) => [`${event.kind}${event.user}`, event])).values()]
  const lastTimes = new Map<string, ReadonlyMap<string, { count: number; lastMs: number }>>()
  for (let from = 0; from < users.length; from += EXPORT_BATCH) {
    const batch = users.slice(from, from + EXPORT_BATCH)
    const exported = await parts.destination.exportUsers(batch.map(userOf), { attributes: [], events: true }, parts.signal)
    exported.forEach((user, index) => lastTimes.set(`${batch[index].kind}${batch[index].user}`, user.events))
  }
  return new Set(
    events.filter((event) => (lastTimes.get(`${event.kind}${event.user}`)?.get(event.name)?.lastMs ?? -Infinity) >= event.time),
  )
}

async function takeAsDelivered(parts: RecoveryParts, event: MarkedEvent): Promise<void> {
  const { layout } = parts.rows
  const open =
    parts.rows.partitions[event.partition] ??
    parts.rows.open(readPartition(event.partition, layout, await parts.store.loadPartition(event.partition)))
  const row = rowOf(open, event)
  const delta = parts.committer.deltaOf(open)
  while (open.durableRows <= row) delta.row(open.durableRows++)
  const at = row * layout.stride + layout.offsets[event.column]
  const { words, times } = open.rows
  if (times[(at + 2) >> 1] > event.time) return
  words[at] = event.low
  words[at + 1] = event.high
  times[(at + 2) >> 1] = event.time
  delta.column(row, event.column)
  const mapping = parts.program.outputs[event.column]?.id ?? ''
  for (const counter of parts.program.fold.counters) {
    if (!countsFor(counter, { name: event.name, mapping, time: event.time })) continue
    const counterAt = row * layout.stride + counter.offset
    if (counter.daily) addDayCount(open.rows, counterAt, event.time)
    else words[counterAt]++
    delta.column(row, counter.column)
  }
}

const encoder = new TextEncoder()

/** The row of a marked event's user. It may never have been written, so its number in the mark does not count. */
function rowOf(open: OpenPartition, event: MarkedEvent): number {
  const bytes = encoder.encode(event.user)
  const row = open.rows.findOrAdd({ kind: event.kind as 0x65 | 0x61, bytes, start: 0, end: bytes.length })
  open.pending.ensureRow(row)
  return row
}

/** A mark's intent in words, for `state show`; users are not named. */
export function describeIntent(intent: Json): string {
  const { events } = intent as { events: readonly unknown[] }
  return `${events.length} events`
}
