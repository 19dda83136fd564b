import type { RawChunk, SourceCondition, SourcePosition, StreamSource } from '@engage-sync/contract'
import { countOf } from '../../source/index.ts'
import { followAgain } from '../messages/index.ts'
import type { MessageChunk } from '../messages/index.ts'
import type { KafkaAccess } from './access.ts'
import { asked, endOffsets, openTopic } from './client.ts'
import type { OpenTopic } from './client.ts'
import { fetchOnce, hasGrown } from './fetch.ts'
import { FetchedMessages, mergedMessages } from './merge.ts'
import type { Fetched } from './messages.ts'
import {
  earliestKafkaPosition,
  leftTopic,
  readKafkaPosition,
  storedKafkaPosition,
} from './position.ts'
import type { KafkaPlace, Offsets, PartitionPosition } from './position.ts'
import { kafkaStanding } from './standing.ts'
import { startOf } from './start.ts'

/**
 * Events from a topic of Kafka: a message holds a record, or several as lines. Experimental: tried
 * against the protocol of a mock, not against a broker.
 *
 * Shape: each partition in its order, by offsets of our own; no group is joined, and nothing is
 * committed to the broker. A position is the next offset of each partition. What retention removed
 * before it was read is told by one rejection (`SOURCE_GONE`). Who follows waits for brokers that are
 * gone.
 *
 * @throws {SourceError} `SOURCE_UNAVAILABLE`, `SOURCE_AUTH`, `SOURCE_REQUEST`, `SOURCE_POSITION`,
 *   `SOURCE_DEPENDENCY`
 */
export function createKafkaSource(access: KafkaAccess): StreamSource {
  const name = `topic ${access.topic}`
  const stream = { name, access }
  return {
    name,
    drains: true,
    read: (from, signal) => readTopic(stream, { from, to: null, isFollowing: false }, signal),
    readBefore: (to, signal) => readPart(stream, { from: null, to }, signal),
    readBetween: (from, to, signal) => readPart(stream, { from, to }, signal),
    follow: (from, signal) =>
      followAgain(
        (at) => readTopic(stream, { from: at, to: null, isFollowing: true }, signal),
        from,
        signal,
      ),
    earliest: (positions) => earliestKafkaPosition(positions, name),
    check: (signal) => checkTopic(access, signal),
    standing: (position) => kafkaStanding(access, readKafkaPosition(position, name)),
  }
}

/** A topic, and how to reach it. */
interface Topic {
  readonly name: string
  readonly access: KafkaAccess
}

/** Which part of it is read. */
interface Part {
  readonly from: SourcePosition | null
  /** Null for the end as of now. */
  readonly to: SourcePosition | null
  /** Whether reading goes on behind the end. */
  readonly isFollowing: boolean
}

async function* readPart(
  topic: Topic,
  { from, to }: { readonly from: SourcePosition | null; readonly to: SourcePosition },
  signal: AbortSignal,
): AsyncGenerator<RawChunk> {
  for await (const chunk of readTopic(topic, { from, to, isFollowing: false }, signal))
    yield { ...chunk, position: to }
}

async function* readTopic(
  { name, access }: Topic,
  { from, to, isFollowing }: Part,
  signal: AbortSignal,
): AsyncGenerator<RawChunk> {
  signal.throwIfAborted()
  const position = readKafkaPosition(from, name)
  const until = readKafkaPosition(to, name)
  const open = await openTopic(access)
  try {
    const newest = await endOffsets(open)
    const { offsets, of, gone } = await startOf(open, position, newest)
    if (to !== null && leftTopic(until.of, of) !== null) return
    if (gone !== null) yield gone.take(storedKafkaPosition({ offsets, of }))
    const ends = isFollowing ? null : endsOf(newest, until.offsets)
    yield* readUpTo({ name, open, offsets, of, signal }, ends)
    if (!isFollowing) signal.throwIfAborted()
  } catch (error) {
    signal.throwIfAborted()
    throw error
  } finally {
    await open.close()
  }
}

function endsOf(newest: readonly bigint[], until: Offsets): ReadonlyMap<number, number> {
  return new Map(
    newest.map((end, partition) => [
      partition,
      until.size === 0 ? Number(end) : Math.min(Number(end), until.get(partition)?.offset ?? 0),
    ]),
  )
}

interface Reading {
  readonly name: string
  readonly open: OpenTopic
  /** Move while they are read. */
  readonly offsets: Map<number, PartitionPosition>
  readonly of: KafkaPlace
  readonly signal: AbortSignal
}

/** How long brokers wait for something to come, where there was nothing, milliseconds. */
const WAIT_MS = 50

/** @param ends - where partitions end; null to go on */
async function* readUpTo(
  reading: Reading,
  ends: ReadonlyMap<number, number> | null,
): AsyncGenerator<RawChunk> {
  const { open, offsets, of, signal } = reading
  const take = (chunk: MessageChunk) => chunk.take(storedKafkaPosition({ offsets, of }))
  const fetched = new Map<number, FetchedMessages>()
  for (let waitMs = 0; !signal.aborted;) {
    const wanted = [...offsets].filter(
      ([partition, { offset }]) =>
        !fetched.has(partition) && (ends === null || offset < (ends.get(partition) ?? 0)),
    )
    // Who follows begins again where it was, and reads the others from their beginning.
    const isOver = wanted.length === 0 || (ends === null && (await hasGrown(open, offsets)))
    if (isOver && fetched.size === 0) return
    const answers = wanted.length === 0 ? [] : await fetchOnce(open, new Map(wanted), waitMs)
    for (const answer of answers) noteFetched(reading, { answer, ends }, fetched)
    for (const chunk of mergedMessages({ ...reading, take }, fetched)) {
      yield chunk
      if (signal.aborted) return
    }
    // Where one broker has more, the others are not waited for.
    waitMs = fetched.size > 0 || answers.some(hasRecords) ? 0 : WAIT_MS
  }
}

interface Answered {
  readonly answer: Fetched
  readonly ends: ReadonlyMap<number, number> | null
}

function noteFetched(
  { offsets }: Reading,
  { answer, ends }: Answered,
  fetched: Map<number, FetchedMessages>,
): void {
  const { offset: from, time } = offsets.get(answer.partitionIndex) ?? { offset: 0, time: 0 }
  const end = ends?.get(answer.partitionIndex) ?? Infinity
  const messages = new FetchedMessages(answer, { from, end })
  if (messages.next !== null) fetched.set(messages.partition, messages)
  else if (hasRecords(answer)) offsets.set(messages.partition, { offset: messages.offset, time })
}

function hasRecords({ records }: Fetched): boolean {
  return (records ?? []).length > 0
}

/** Copies from which on a lost broker loses nothing that was acknowledged. */
const SAFE_COPIES = 3

async function checkTopic(access: KafkaAccess, signal: AbortSignal): Promise<SourceCondition> {
  signal.throwIfAborted()
  const open = await openTopic(access)
  try {
    const { topic, consumer } = open
    const metadata = await asked('the topic', () => consumer.metadata({ topics: [topic] }))
    const partitions = metadata.topics.get(topic)?.partitions ?? []
    const copies = Math.min(...partitions.map(({ replicas }) => replicas.length))
    const message = `${countOf(partitions.length, 'partition')} in ${countOf(copies, 'copy', 'copies')}`
    return copies < SAFE_COPIES ? { message, hint: FEW_COPIES } : { message }
  } finally {
    await open.close()
  }
}

const FEW_COPIES =
  'A lost broker loses what it acknowledged: have three replicas and `min.insync.replicas=2`.'
