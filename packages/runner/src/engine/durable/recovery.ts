import { countsFor, userKey } from '@engage-sync/core'
import type {
  Destination,
  Mark,
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
import { decideRequests } from './decide-requests.ts'
import type { Deciding } from './decide-requests.ts'

/** What recovery needs. */
export interface RecoveryParts {
  readonly store: StateStore
  readonly rows: OpenRows
  readonly program: RunProgram
  readonly destination: Destination
  readonly committer: Committer
  readonly onUnknown: OnUnknown
  readonly signal: AbortSignal
  /** Milliseconds since the epoch. */
  readonly now: () => number
  readonly onVerifying: Deciding['onVerifying']
}

/**
 * Decides the open marks of earlier runs, and makes the decision durable before anything is read.
 *
 * Events that are not taken as delivered are found pending again. Joining an alias to its user may
 * be repeated without harm, so its marks are only closed. Decisions of a run that was killed before
 * it could report them are carried over to the next report.
 */
export async function recover(parts: RecoveryParts): Promise<Recovered> {
  const carried = await unreportedRecovery.read(parts.store)
  const marks = await parts.store.openMarks()
  if (marks.length === 0) return carried
  const ageOf: Deciding['ageOf'] = ({ sentAt }) => parts.now() - sentAt
  const { recovered } = await decideMarks(parts, { marks, ageOf, before: carried })
  parts.committer.setValue(unreportedRecovery.stored(recovered))
  killPoint('in-recovery')
  await parts.committer.flush()
  killPoint('after-recovery')
  for (const open of parts.rows.partitions)
    if (open !== undefined) parts.rows.close(open.rows.number)
  return recovered
}

/**
 * Decides marks, takes what was applied into the rows, and closes them; durable with the next
 * commit. Marks that would have to be waited for too long are left out.
 *
 * @param asked - `before`: what was decided so far; `mostWaitMs`: see `Deciding`
 */
export async function decideMarks(
  parts: RecoveryParts,
  asked: Pick<Deciding, 'ageOf' | 'mostWaitMs' | 'isSettled'> & {
    readonly marks: readonly Mark[]
    readonly before: Recovered
  },
): Promise<{ readonly recovered: Recovered; readonly decided: readonly string[] }> {
  const marks = inSendingOrder(asked.marks)
  const requests = marks.map(eventsOfMark)
  const { applied, open } = await decideRequests({ ...parts, ...asked }, requests)
  if (open.size > 0) parts.signal.throwIfAborted()
  const done = marks.filter((_, place) => !open.has(place))
  const events = requests.filter((_, place) => !open.has(place)).flat()
  for (const event of events) if (applied.has(event)) await takeAsDelivered(parts, event)
  for (const mark of done) parts.committer.closeMark(mark.id)
  const recovered = addDecided(asked.before, {
    ...parts,
    marks: done.length,
    events: events.length,
    applied: events.filter((event) => applied.has(event)).length,
  })
  return { recovered, decided: done.map(({ id }) => id) }
}

/**
 * What was decided so far, with some more.
 *
 * @param more - `applied`: events that are taken as delivered
 */
export function addDecided(
  before: Recovered,
  more: {
    readonly onUnknown: OnUnknown
    readonly marks: number
    readonly events: number
    readonly applied: number
  },
): Recovered {
  const { onUnknown, marks, events, applied } = more
  const isVerified = onUnknown === 'verify'
  return {
    marks: before.marks + marks,
    repeated: before.repeated + events - applied,
    skipped: before.skipped + (isVerified ? 0 : applied),
    verified: before.verified + (isVerified ? applied : 0),
  }
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
