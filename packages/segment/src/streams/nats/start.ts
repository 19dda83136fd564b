import type { OrderedConsumerOptions, StoredMsg, StreamInfo } from '@nats-io/jetstream'
import type { NatsAccess } from './access.ts'
import { asked } from './connection.ts'
import type { NatsConnection } from './connection.ts'
import type { NatsPosition } from './position.ts'

/** Where a reading begins, and where the stream ends as of now. */
export interface Start {
  /** How the server is asked. */
  readonly consumer: Partial<OrderedConsumerOptions>
  /** The first message there is to read; null where there is none yet. */
  readonly first: number | null
  readonly end: NatsPosition
  /** What the position said; null for the beginning. */
  readonly before: NatsPosition | null
  /** What was there, and is not any more, in words; null where nothing is known to be. */
  readonly gone: string | null
}

/** Looks at the stream, and at the message a position stands for: it may be another one by now. */
export async function startOf(
  nats: NatsConnection,
  access: NatsAccess,
  position: NatsPosition | null,
): Promise<Start> {
  const info = await asked('the stream', () => nats.manager.streams.info(access.stream))
  const { first_seq: oldest, last_seq: newest, last_ts: at } = info.state
  const end = { sequence: newest, time: timeOf(at) }
  const { DeliverPolicy } = nats.jetstream
  const filter = access.subject === undefined ? {} : { filter_subjects: access.subject }
  if (position !== null && (await isAnother(nats, access, { position, info }))) {
    const consumer = {
      ...filter,
      deliver_policy: DeliverPolicy.StartTime,
      opt_start_time: new Date(position.time).toISOString(),
    }
    const first = await firstFrom(nats, access, oldest)
    return { consumer, first, end, before: position, gone: rewound(position, newest) }
  }
  const next = Math.max((position?.sequence ?? 0) + 1, oldest, 1)
  const consumer = { ...filter, deliver_policy: DeliverPolicy.StartSequence, opt_start_seq: next }
  const first = await firstFrom(nats, access, next)
  const missing = position === null ? 0 : oldest - position.sequence - 1
  return { consumer, first, end, before: position, gone: missing > 0 ? passed(missing) : null }
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

function passed(missing: number): string {
  return `The limits of the stream removed up to ${missing} messages before they were read.`
}

function rewound({ sequence }: NatsPosition, newest: number): string {
  return `The stream ends with message ${newest}, or has another message ${sequence} than the one that was read: its server lost what it had, or it was made anew.`
}
