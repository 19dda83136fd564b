import type { Json } from '@engage-sync/contract'
import type { EventProgram } from '../fold/program.ts'
import { isNothing, isSameDigest } from '../rows/hash/digest.ts'
import type { Digest } from '../rows/hash/digest.ts'
import type { PendingEvent, PendingPool } from '../rows/pending/pending-pool.ts'

/** One event to send, as a candidate number. */
export interface AcceptedEvent {
  readonly candidate: number
  readonly name: string
  readonly time: number
  readonly value: Json
}

/**
 * The events an entry's candidates amount to, in event-time order.
 *
 * Shape: a chain in any order in; one event per accepted change out. At one time the larger digest
 * counts. A value equal to the one before it is no change; a null is a change that sends nothing; a
 * first `false` sends nothing; history sends its newest value, and only when nothing newer is sent.
 */
export function acceptedEvents(
  pending: PendingPool,
  entry: number,
  program: EventProgram,
): readonly AcceptedEvent[] {
  if (!pending.isEvent(entry) || !pending.isOpen(entry)) return []
  let before: Digest = pending.before(entry)
  const accepted: (AcceptedEvent & { readonly isHistory: boolean })[] = []
  for (const event of inOrder(pending.eventsOf(entry))) {
    if (isSameDigest(event, before)) continue
    const isFirst = isNothing(before)
    before = event
    const { candidate, time, isHistory } = event
    if (isHistory && !program.backfill) continue
    const value = JSON.parse(pending.eventText(candidate)) as Json
    if (value === null || (isFirst && value === false && program.isMembership)) continue
    const name = program.event.nameFor(value)
    if (name !== null) accepted.push({ candidate, name, time, value, isHistory })
  }
  return accepted.length > 1 && accepted[0]?.isHistory ? accepted.slice(1) : accepted
}

/** Events by time, one per instant. */
function inOrder(events: PendingEvent[]): readonly PendingEvent[] {
  if (events.length === 1) return events
  events.sort((a, b) => a.time - b.time || a.high - b.high || a.low - b.low)
  return events.filter(({ time }, index) => events[index + 1]?.time !== time)
}
