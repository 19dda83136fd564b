import { countsFor, userKey, userRefOf, zip } from '@engage-sync/core'
import type {
  Destination,
  ExportedUser,
  OpenPartition,
  OpenRows,
  RunProgram,
  StateStore,
  UserKind,
} from '@engage-sync/core'
import { killPoint } from '../../process/kill-points.ts'
import { eventsOfMark, inSendingOrder } from '../../state/values/mark-intent.ts'
import type { MarkedEvent } from '../../state/values/mark-intent.ts'
import { unreportedRecovery } from '../../state/values/values.ts'
import type { Recovered } from '../../state/values/values.ts'
import { loadPartition } from '../partitions/index.ts'
import type { OnUnknown } from '../request/index.ts'
import type { Committer } from './committer.ts'
import { sleep } from './sleep.ts'

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

/**
 * Decides the open marks of earlier runs, and makes the decision durable before anything is read.
 *
 * `repeat` lets the events be found pending again; `skip` takes them as delivered; `verify` asks
 * the destination how many events of each name each user has, and when the last one was, and skips
 * those it has. Joining an alias to its user may be repeated without harm, so its marks are only
 * closed. Decisions of a run that was killed before it could report them are carried over to the
 * next report.
 */
export async function recover(parts: RecoveryParts): Promise<Recovered> {
  const carried = await unreportedRecovery.read(parts.store)
  const marks = inSendingOrder(await parts.store.openMarks())
  if (marks.length === 0) return carried
  const events = marks.flatMap(eventsOfMark)
  const applied = await appliedEvents(parts, events)
  for (const event of events) if (applied.has(event)) await takeAsDelivered(parts, event)
  for (const mark of marks) parts.committer.closeMark(mark.id)
  const isVerified = parts.onUnknown === 'verify'
  const recovered = {
    marks: carried.marks + marks.length,
    repeated: carried.repeated + events.length - applied.size,
    skipped: carried.skipped + (isVerified ? 0 : applied.size),
    verified: carried.verified + (isVerified ? applied.size : 0),
  }
  parts.committer.setValue(unreportedRecovery.stored(recovered))
  killPoint('in-recovery')
  await parts.committer.flush()
  killPoint('after-recovery')
  for (const open of parts.rows.partitions)
    if (open !== undefined) parts.rows.close(open.rows.number)
  return recovered
}

async function appliedEvents(
  parts: RecoveryParts,
  events: readonly MarkedEvent[],
): Promise<ReadonlySet<MarkedEvent>> {
  if (parts.onUnknown === 'repeat') return new Set()
  if (parts.onUnknown === 'skip') return new Set(events)
  const exported = await askDestination(parts, events)
  return verifiedEvents(events, exported)
}

async function askDestination(
  parts: RecoveryParts,
  events: readonly MarkedEvent[],
): Promise<ReadonlyMap<string, ExportedUser>> {
  await sleep(parts.destination.settleMs, parts.signal)
  const users = [...new Map(events.map((event) => [identityOf(event), event])).values()]
  const exported = new Map<string, ExportedUser>()
  const most = parts.destination.limits.usersPerExport
  for (let from = 0; from < users.length; from += most) {
    const batch = users.slice(from, from + most)
    const found = await parts.destination.exportUsers(
      batch.map(({ kind, user }) => userRefOf(kind, user)),
      { attributes: [], events: true },
      parts.signal,
    )
    for (const [event, user] of zip(batch, found)) exported.set(identityOf(event), user)
  }
  return exported
}

/**
 * The events the destination has: its last one of that name is as late, and it holds as many as
 * were delivered before plus those marked up to this one.
 */
function verifiedEvents(
  events: readonly MarkedEvent[],
  exported: ReadonlyMap<string, ExportedUser>,
): ReadonlySet<MarkedEvent> {
  const applied = new Set<MarkedEvent>()
  const expected = new Map<string, number>()
  for (const event of events) {
    const key = `${identityOf(event)}\u0000${event.name}`
    const count = (expected.get(key) ?? event.before) + 1
    expected.set(key, count)
    const found = exported.get(identityOf(event))?.events.get(event.name)
    if (found !== undefined && found.lastMs >= earliestLast(event) && found.count >= count)
      applied.add(event)
  }
  return applied
}

/** How far the destination's clock may be behind ours, milliseconds. */
const CLOCK_SKEW_MS = 60_000

/**
 * The earliest last time that fits an applied event: its own, or when it arrived if it lay in the
 * future then.
 */
function earliestLast({ time, sentAt }: MarkedEvent): number {
  return time < sentAt ? time : sentAt - CLOCK_SKEW_MS
}

function identityOf({ kind, user }: MarkedEvent): string {
  return `${kind}:${user}`
}

async function takeAsDelivered(parts: RecoveryParts, event: MarkedEvent): Promise<void> {
  if (event.letter !== null) parts.committer.removeDeadLetter(event.letter)
  const { open, row } = await placeOf(parts, event)
  const delta = parts.committer.deltaOf(open)
  while (open.durableRows <= row) delta.row(open.durableRows++)
  const { slots, counts } = open.rows
  if (slots.time(row, event.column) <= event.time) {
    slots.write(row, event.column, event)
    open.rows.noteRun(row, event.column, event.run)
    delta.column(row, event.column)
  }
  const mapping = parts.program.outputs[event.column]?.id ?? ''
  for (const counter of parts.program.fold.counters) {
    if (!countsFor(counter, { name: event.name, mapping, time: event.time })) continue
    counts.count(row, counter, event.time)
    delta.column(row, counter.column)
  }
}

/** The row of a marked event's user. It may never have been written: then it is added. */
async function placeOf(
  parts: RecoveryParts,
  event: MarkedEvent,
): Promise<{ readonly open: OpenPartition; readonly row: number }> {
  const open =
    parts.rows.partitions[event.partition] ??
    (await loadPartition(parts.store, parts.rows, event.partition))
  return { open, row: open.findOrAdd(userKey(event.kind as UserKind, event.user)) }
}
