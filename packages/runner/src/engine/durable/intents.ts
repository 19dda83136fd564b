import { nameCountId } from '@engage-sync/core'
import type { Json, Mark, PackedRequest, Partition } from '@engage-sync/core'
import type { InFlightRows } from '../delivery/in-flight-rows.ts'
import type { RetriedLetters } from '../retry/retried-letters.ts'

/** One event of a mark's intent: which user and slot, and what the slot holds once the event is delivered. */
export interface MarkedEvent {
  readonly partition: number
  readonly column: number
  readonly low: number
  readonly high: number
  /** Event time, milliseconds. */
  readonly time: number
  readonly name: string
  /** Kind byte of the identifier, and its text. */
  readonly kind: number
  readonly user: string
  /** Events of that name the user was known to have before. */
  readonly before: number
  /** The run that sent it. */
  readonly run: number
  /** About when its request left, milliseconds. */
  readonly sentAt: number
  /** The dead letter it was made of, or null. */
  readonly letter: number | null
}

/**
 * What a mark remembers of a request with events. Plain JSON, a list an event to stay small.
 *
 * @param sentAt - about when the request leaves, milliseconds
 */
export function intentOf(
  request: PackedRequest,
  flights: Pick<InFlightRows, 'get'>,
  { sentAt, retry }: { readonly sentAt: number; readonly retry: RetriedLetters | null },
): Json {
  const events: Json[] = []
  for (const part of request.parts) {
    const flight = part.kind === 'event' ? flights.get(part.update) : undefined
    if (flight === undefined) continue
    const { open, row } = flight
    const { entry, output, candidate, name, time } = flight.eventEntries[part.ref]
    const { low, high } = open.pending.event(candidate)
    const place = [open.rows.number, output.column, low, high]
    const letter = retry?.letterOf(open, { entry, candidate }) ?? null
    const user = [open.rows.kindOf(row), open.rows.idText(row)]
    events.push([...place, time, name, ...user, deliveredCount(open.rows, row, name), ...(letter === null ? [] : [letter])])
  }
  return { sentAt, events }
}

/** How many events of a name are known to be delivered to a row's user, or to an alias that became one with it. */
function deliveredCount({ counts, layout }: Partition, row: number, name: string): number {
  return counts.total(row, layout.numberOf(nameCountId(name)))
}

type BareEvent = readonly [number, number, number, number, number, string, number, string, number]
/** The last is the letter it was made of, if it was. */
type StoredEvent = BareEvent | readonly [...BareEvent, number]

/** The events of a mark, in the order they were sent. */
export function eventsOfMark({ intent, run }: Mark): readonly MarkedEvent[] {
  const { events = [], sentAt = Infinity } = intent as { readonly events?: readonly StoredEvent[]; readonly sentAt?: number }
  return events.map(([partition, column, low, high, time, name, kind, user, before, letter = null]) => ({
    partition,
    column,
    low,
    high,
    time,
    name,
    kind,
    user,
    before,
    run,
    sentAt,
    letter,
  }))
}

/** A mark without the events of these users, named as in `MarkedEvent`; how many events that took away. */
export function withoutUsers(
  mark: Mark,
  users: ReadonlySet<string>,
): { readonly mark: Mark; readonly left: number; readonly erased: number } {
  const { events = [] } = mark.intent as { readonly events?: readonly StoredEvent[] }
  const kept = events.filter((event) => !users.has(event[7]))
  const intent = { ...(mark.intent as object), events: kept }
  return { mark: { ...mark, intent }, left: kept.length, erased: events.length - kept.length }
}

/** Marks in the order their requests were packed: by run, then by request. */
export function inSendingOrder(marks: readonly Mark[]): readonly Mark[] {
  const request = ({ id }: Mark) => Number(id.slice(id.lastIndexOf(':') + 1))
  return [...marks].sort((a, b) => a.run - b.run || request(a) - request(b))
}
