import { itemAt, zip } from '@engage-sync/core'
import type { Mark, Outcome, PackedRequest } from '@engage-sync/core'
import { eventsOfMark } from '../../state/values/mark-intent.ts'
import type { MarkedEvent } from '../../state/values/mark-intent.ts'
import type { RowInFlight } from './row-in-flight.ts'

/** One event of a request without an answer, and whose it is. */
export interface OpenEvent {
  readonly event: MarkedEvent
  readonly flight: RowInFlight
  /** Of the event in its flight. */
  readonly ref: number
  /** It has no answer; parts of its request may have one. */
  readonly isOpen: boolean
}

/** A marked request that may have been applied or not, as its mark says. */
export interface OpenRequest {
  /** Id of its mark. */
  readonly mark: string
  /** In the order they were sent. */
  readonly events: readonly OpenEvent[]
  /** When that was known, by `performance.now()`. */
  readonly sinceMs: number
}

/**
 * What to remember of a marked request whose answer leaves something open.
 *
 * @param flightOf - the row of an update on its way, before any part of the request is settled
 */
export function openRequestOf(
  { parts }: PackedRequest,
  outcomes: readonly Outcome[],
  {
    mark,
    flightOf,
  }: { readonly mark: Mark; readonly flightOf: (update: number) => RowInFlight | undefined },
): OpenRequest {
  const marked = eventsOfMark(mark)
  const events: OpenEvent[] = []
  for (const [{ kind, update, ref }, { status }] of zip(parts, outcomes)) {
    const flight = kind === 'event' ? flightOf(update) : undefined
    if (flight === undefined) continue
    const event = itemAt(marked, events.length)
    events.push({ event, flight, ref, isOpen: status === 'unknown' })
  }
  return { mark: mark.id, events, sinceMs: performance.now() }
}

/**
 * Whether its events can be decided one by one: an event that was answered after one of the same
 * row that was not is durable only with that.
 */
export function isDecidable({ events }: OpenRequest): boolean {
  const open = new Set<RowInFlight>()
  for (const { flight, isOpen } of events) {
    if (isOpen) open.add(flight)
    else if (open.has(flight)) return false
  }
  return true
}
