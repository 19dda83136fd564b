import type { OrderedConsumerOptions, StoredMsg, StreamInfo } from '@nats-io/jetstream'
import type { NatsAccess } from './access.ts'
import { asked } from './connection.ts'
import type { NatsConnection } from './connection.ts'
import type { NatsPlace, NatsPosition } from './position.ts'

/** Where a reading begins, and where the stream ends as of now. */
export interface Start {
  /** How the server is asked. */
  readonly consumer: Partial<OrderedConsumerOptions>
  /** The first message there is to read; null where there is none yet. */
  readonly first: number | null
  readonly end: NatsPosition
  readonly place: NatsPlace
  /** What the position said; null for the beginning. */
  readonly before: NatsPosition | null
  /** What was there, and is not any more, in words; null where nothing is known to be. */
  readonly gone: string | null
}

/**
 * Looks at the stream, and at the message a position stands for: it may be another one by now, or
 * be of a stream that was made anew, which is read from its beginning.
 */
export async function startOf(
  nats: NatsConnection,
  access: NatsAccess,
  stored: NatsPosition | null,
): Promise<Start> {
  const info = await asked('the stream', () => nats.manager.streams.info(access.stream))
  const { first_seq: oldest, last_seq: newest, last_ts: at } = info.state
  const place = placeOf(access, info)
  const left = stored?.of === undefined ? null : leftPlace(stored.of, place)
  const position = left === null ? stored : null
  const ends = { place, end: { sequence: newest, time: timeOf(at), of: place }, before: stored }
  const { DeliverPolicy } = nats.jetstream
  const filter = access.subject === undefined ? {} : { filter_subjects: access.subject }
  if (position !== null && (await isAnother(nats, access, { position, info }))) {
    const consumer = {
      ...filter,
      deliver_policy: DeliverPolicy.StartTime,
      opt_start_time: new Date(position.time).toISOString(),
    }
    const first = await firstFrom(nats, access, oldest)
    return { ...ends, consumer, first, gone: rewound(position, newest) }
  }
  const next = Math.max((position?.sequence ?? 0) + 1, oldest, 1)
  const consumer = { ...filter, deliver_policy: DeliverPolicy.StartSequence, opt_start_seq: next }
  const first = await firstFrom(nats, access, next)
  const missing = position === null ? 0 : oldest - position.sequence - 1
  return { ...ends, consumer, first, gone: left ?? (missing > 0 ? passed(missing) : null) }
}

/** What is read of a stream, as a position names it. */
export function placeOf({ stream, subject }: NatsAccess, { created }: StreamInfo): NatsPlace {
  return { stream, subject: subject ?? null, made: timeOf(created) }
}

/** In words, what a position counted that is not what is read now; null where it is. */
export function leftPlace(of: NatsPlace, place: NatsPlace): string | null {
  if (of.stream !== place.stream)
    return `What was read before was stream ${of.stream}: what it held and was not read is not here.`
  if (of.made !== place.made)
    return `Stream ${of.stream} was made anew, or is another server's: what it held before and was not read is gone.`
  if (of.subject !== place.subject)
    return `Other subjects of the stream were read before (${of.subject ?? 'all'}): it is read from its beginning.`
  return null
}

/** The server counts nanoseconds; two ways to round them may differ. */
const differs = (one: number, other: number): boolean => Math.abs(one - other) > 1

/** Whether a server gives another message under the sequence now, or has not come to it again. */
async function isAnother(
  nats: NatsConnection,
  { stream }: NatsAccess,
  { position, info }: { readonly position: NatsPosition; readonly info: StreamInfo },
): Promise<boolean> {
  const { first_seq: oldest, last_seq: newest, last_ts: at } = info.state
  if (position.sequence > newest) return true
  if (position.sequence === newest) return differs(timeOf(at), position.time)
  if (position.sequence < oldest) return false
  const found = await message(nats, stream, { seq: position.sequence })
  return found !== null && differs(found.time.getTime(), position.time)
}

async function firstFrom(
  nats: NatsConnection,
  { stream, subject = '>' }: NatsAccess,
  sequence: number,
): Promise<number | null> {
  const found = await message(nats, stream, { seq: sequence, next_by_subj: subject })
  return found === null ? null : found.seq
}

/** A stored message; null where there is none. */
export function message(
  { manager }: NatsConnection,
  stream: string,
  query: { readonly seq: number; readonly next_by_subj?: string },
): Promise<StoredMsg | null> {
  return asked('a message', () => manager.streams.getMessage(stream, query))
}

/** Milliseconds since the epoch. @param at - ISO 8601 with nanoseconds */
export function timeOf(at: string): number {
  return Math.max(0, new Date(at).getTime())
}

/** In words, that messages are missing. */
export function passed(missing: number): string {
  return `The limits of the stream removed up to ${missing} messages before they were read.`
}

function rewound({ sequence }: NatsPosition, newest: number): string {
  return `The stream ends with message ${newest}, or has another message ${sequence} than the one that was read: its server lost what it had, or it was made anew.`
}
