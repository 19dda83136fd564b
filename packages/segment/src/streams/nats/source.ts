import type { RawChunk, SourcePosition, StreamSource } from '@engage-sync/contract'
import { SourceUnavailableError } from '../../remote/index.ts'
import { followAgain, MessageChunk } from '../messages/index.ts'
import type { NatsAccess } from './access.ts'
import { checkNats } from './check.ts'
import { connectNats } from './connection.ts'
import type { NatsConnection } from './connection.ts'
import { consume } from './consume.ts'
import { MessageChunks } from './message-chunks.ts'
import { earliestNatsPosition, readNatsPosition, storedNatsPosition } from './position.ts'
import type { NatsPosition } from './position.ts'
import { natsStanding } from './standing.ts'
import { leftPlace, startOf } from './start.ts'
import type { Start } from './start.ts'

/**
 * Events from a stream of NATS JetStream: a message holds a record, or several as lines.
 *
 * Shape: in the order of the stream, by a consumer of this reading alone, which leaves nothing on
 * the server. A position is the sequence of a message and its time. What the limits of the stream
 * removed before it was read is told by one rejection (`SOURCE_GONE`); after a server that lost its
 * newest messages, reading goes on by time, so that some may come again and none is passed over.
 * Who follows waits for a server that is gone.
 *
 * @throws {SourceError} `SOURCE_UNAVAILABLE`, `SOURCE_AUTH`, `SOURCE_REQUEST`, `SOURCE_POSITION`,
 *   `SOURCE_DEPENDENCY`
 */
export function createNatsSource(access: NatsAccess): StreamSource {
  const name = `stream ${access.stream}`
  const stream = { name, access }
  const toTheEnd = (signal: AbortSignal) => ({ signal, isFollowing: false, to: null })
  return {
    name,
    drains: true,
    read: (from, signal) => readStream(stream, from, toTheEnd(signal)),
    readBefore: (to, signal) => readBetween(stream, { from: null, to }, signal),
    readBetween: (from, to, signal) => readBetween(stream, { from, to }, signal),
    follow: (from, signal) =>
      followAgain(
        (at) => readStream(stream, at, { signal, isFollowing: true, to: null }),
        from,
        signal,
      ),
    earliest: (positions) => earliestNatsPosition(positions, name),
    check: (signal) => checkNats(access, signal),
    standing: (position) => natsStanding(access, readNatsPosition(position, name)),
  }
}

/** A stream, and how to reach it. */
interface Stream {
  readonly name: string
  readonly access: NatsAccess
}

/** How far a reading goes. */
interface Reach {
  readonly signal: AbortSignal
  /** Whether it goes on behind the end. */
  readonly isFollowing: boolean
  /** After the last message that counts; null for what the stream ends with when reading begins. */
  readonly to: NatsPosition | null
}

async function* readBetween(
  stream: Stream,
  { from, to }: { readonly from: SourcePosition | null; readonly to: SourcePosition },
  signal: AbortSignal,
): AsyncGenerator<RawChunk> {
  const end = readNatsPosition(to, stream.name)
  if (end === null) return
  for await (const chunk of readStream(stream, from, {
    signal,
    isFollowing: false,
    to: end,
  }))
    if (chunk.count > 0 || chunk.rejected.length > 0) yield { ...chunk, position: to }
}

async function* readStream(
  { name, access }: Stream,
  from: SourcePosition | null,
  reach: Reach,
): AsyncGenerator<RawChunk> {
  const { signal } = reach
  signal.throwIfAborted()
  const position = readNatsPosition(from, name)
  const nats = await connectNats(access, { isLasting: false })
  const stop = () => void nats.connection.close()
  signal.addEventListener('abort', stop, { once: true })
  try {
    signal.throwIfAborted()
    const start = await startOf(nats, access, position)
    if (start.gone !== null) yield goneChunk(name, start)
    yield* messagesOf(nats, { name, access, start }, reach)
    signal.throwIfAborted()
  } catch (error) {
    signal.throwIfAborted()
    throw error
  } finally {
    signal.removeEventListener('abort', stop)
    await nats.connection.close()
  }
}

/** The position stays where it was: nothing was read. */
function goneChunk(name: string, { gone, before }: Start): RawChunk {
  const chunk = new MessageChunk(name)
  chunk.reject('SOURCE_GONE', gone ?? '')
  return chunk.take(before === null ? null : storedNatsPosition(before))
}

/** What is read, and from where on. */
interface Reading extends Stream {
  readonly start: Start
}

async function* messagesOf(
  nats: NatsConnection,
  { name, access, start }: Reading,
  { signal, isFollowing, to }: Reach,
): AsyncGenerator<RawChunk> {
  if (to?.of !== undefined && leftPlace(to.of, start.place) !== null) return
  const end = isFollowing ? Infinity : Math.min(to?.sequence ?? Infinity, start.end.sequence)
  if (!isFollowing && (start.first === null || start.first > end)) {
    // What stands between is none of ours.
    if (to === null && start.end.sequence > 0) yield emptyChunk(name, start)
    return
  }
  const chunks = new MessageChunks({ name, start })
  for await (const message of consume(nats, access, start)) {
    signal.throwIfAborted()
    if (message === null) {
      yield* chunks.take(await chunks.gaps.removed(nats, access))
      return
    }
    const isBehind = message.seq > end
    if (!isBehind) chunks.add(message)
    const isLast = isBehind || message.seq === end || (!isFollowing && message.info.pending === 0)
    if (isLast || chunks.isDue) yield* chunks.take(await chunks.gaps.removed(nats, access))
    if (isLast) return
  }
  signal.throwIfAborted()
  throw new SourceUnavailableError({ service: 'NATS', what: 'messages' }, 'the connection was lost')
}

function emptyChunk(name: string, { end }: Start): RawChunk {
  return new MessageChunk(name).take(storedNatsPosition(end))
}
