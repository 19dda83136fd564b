import { isJsonObject } from '@engage-sync/core'
import type { Json, Mark } from '@engage-sync/core'
import { unreadable } from '../format/errors.ts'

/**
 * One event of a mark's intent: which user and slot, and what the slot holds once the event is
 * delivered.
 */
export interface IntendedEvent {
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
  /** The dead letter it was made of, or null. */
  readonly letter: number | null
}

/** What a mark remembers of one request. */
export interface MarkIntent {
  /** About when the request left, milliseconds; infinite in marks that do not say. */
  readonly sentAt: number
  /** In the order they were sent; none in the mark of a request that joins aliases. */
  readonly events: readonly IntendedEvent[]
}

/** An event of an intent, with what its mark says of all of them. */
export interface MarkedEvent extends IntendedEvent {
  /** The run that sent it. */
  readonly run: number
  /** About when its request left, milliseconds. */
  readonly sentAt: number
}

/** An intent as JSON: a list an event, to stay small. */
export function encodeIntent({ sentAt, events }: MarkIntent): Json {
  return { sentAt, events: events.map(encodeEvent) }
}

function encodeEvent({
  partition,
  column,
  low,
  high,
  time,
  name,
  kind,
  user,
  before,
  letter,
}: IntendedEvent): Json {
  return [
    partition,
    column,
    low,
    high,
    time,
    name,
    kind,
    user,
    before,
    ...(letter === null ? [] : [letter]),
  ]
}

type BareEvent = readonly [number, number, number, number, number, string, number, string, number]
/** The last is the letter it was made of, if it was. */
type StoredEvent = BareEvent | readonly [...BareEvent, number]

/** @throws {StateError} `STATE_UNREADABLE` for one that is not what was written */
export function decodeIntent(intent: Json): MarkIntent {
  const { sentAt = Infinity, events = [] } = isJsonObject(intent) ? intent : {}
  if (typeof sentAt !== 'number' || !Array.isArray(events) || !events.every(isStoredEvent)) {
    throw unreadable('a mark is no longer what was written')
  }
  return { sentAt, events: events.map(decodeEvent) }
}

function decodeEvent(event: StoredEvent): IntendedEvent {
  const [partition, column, low, high, time, name, kind, user, before, letter = null] = event
  return { partition, column, low, high, time, name, kind, user, before, letter }
}

const TYPES = [
  'number',
  'number',
  'number',
  'number',
  'number',
  'string',
  'number',
  'string',
  'number',
]

function isStoredEvent(event: unknown): event is StoredEvent {
  return Array.isArray(event) && TYPES.every((type, index) => typeof event[index] === type)
}

/** The events of a mark, in the order they were sent. */
export function eventsOfMark({ intent, run }: Mark): readonly MarkedEvent[] {
  const { sentAt, events } = decodeIntent(intent)
  return events.map((event) => ({ ...event, run, sentAt }))
}

/** A mark without the events of some users, and how many events that took away. */
export interface ErasedMark {
  readonly mark: Mark
  readonly left: number
  readonly erased: number
}

/**
 * Takes the events of users, named as in `IntendedEvent`, out of a mark; what else it says stays.
 */
export function withoutUsers(mark: Mark, users: ReadonlySet<string>): ErasedMark {
  const { events } = decodeIntent(mark.intent)
  const kept = events.filter(({ user }) => !users.has(user))
  const intent = {
    ...(isJsonObject(mark.intent) ? mark.intent : {}),
    events: kept.map(encodeEvent),
  }
  return { mark: { ...mark, intent }, left: kept.length, erased: events.length - kept.length }
}

/** Marks in the order their requests were packed: by run, then by request. */
export function inSendingOrder(marks: readonly Mark[]): readonly Mark[] {
  const request = ({ id }: Mark) => Number(id.slice(id.lastIndexOf(':') + 1))
  return [...marks].sort((a, b) => a.run - b.run || request(a) - request(b))
}
