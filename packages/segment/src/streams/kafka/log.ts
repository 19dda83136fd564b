import { randomInt } from 'node:crypto'
import type { Producer } from '@platformatic/kafka'
import type { EventLog, LogLag } from '@engage-sync/contract'
import { cutLines } from '../messages/index.ts'
import type { KafkaAccess } from './access.ts'
import { asked, clientOptions, loadKafka } from './client.ts'
import { readKafkaPosition } from './position.ts'
import type { KafkaPosition } from './position.ts'
import { createKafkaSource } from './source.ts'
import { unreadOf } from './standing.ts'

/** Options of `createKafkaLog`. */
export interface KafkaLogOptions extends KafkaAccess {
  /** How long one try of an append may take, milliseconds. Default 2,500. */
  readonly appendMs?: number
}

const APPEND_MS = 2500
const MAX_MESSAGE_BYTES = 512 * 1024
/** All replicas that are in sync. */
const ALL = -1

/**
 * A log in a topic of Kafka. Experimental, as `createKafkaSource`.
 *
 * Shape: one message for each append, several where its lines do not fit; appended once all replicas
 * that are in sync have it. Each process writes to one partition, so that what it appends stays in
 * order. It erases nothing, and removes nothing: the retention of the topic does.
 */
export function createKafkaLog(options: KafkaLogOptions): EventLog {
  const source = createKafkaSource(options)
  const appender = new Appender(options)
  return {
    ...source,
    append: (lines) => appender.append(lines),
    lag: (position) =>
      lagOf(options, readKafkaPosition(position, source.name), appender.messageBytes),
    trim: async () => undefined,
    close: () => appender.close(),
  }
}

/** What a message is taken to have, as long as nothing was appended. */
const USUAL_BYTES = 1000

class Appender {
  readonly #options: KafkaLogOptions
  #opening: Promise<{ readonly producer: Producer; readonly partition: number }> | null = null
  /** Messages of one process go one after another, so that they stay in order. */
  #tail: Promise<unknown> = Promise.resolve()
  /** Of a message, on average. */
  messageBytes = USUAL_BYTES

  constructor(options: KafkaLogOptions) {
    this.#options = options
  }

  append(lines: Uint8Array): Promise<void> {
    const turn = this.#tail.then(() => this.#appendNow(lines))
    this.#tail = turn.catch(() => undefined)
    return turn
  }

  async close(): Promise<void> {
    await this.#tail
    const opening = this.#opening
    this.#opening = null
    const opened = await opening?.catch(() => null)
    await opened?.producer.close(true).catch(() => undefined)
  }

  async #appendNow(lines: Uint8Array): Promise<void> {
    const { topic } = this.#options
    const { producer, partition } = await this.#open()
    for (const part of cutLines(lines, MAX_MESSAGE_BYTES)) {
      const value = Buffer.from(part)
      await asked('an append', () =>
        producer.send({ acks: ALL, messages: [{ topic, partition, value }] }),
      )
      this.messageBytes += (part.length - this.messageBytes) / 16
    }
  }

  #open() {
    return (this.#opening ??= this.#connect().catch((error: unknown) => {
      this.#opening = null
      throw error
    }))
  }

  async #connect() {
    const { Producer: KafkaProducer } = await loadKafka()
    const { appendMs = APPEND_MS, topic } = this.#options
    const options = { ...clientOptions(this.#options), requestTimeout: appendMs, retries: 1 }
    const producer = new KafkaProducer(options)
    const metadata = await asked('the topic', () => producer.metadata({ topics: [topic] }))
    const partitions = metadata.topics.get(topic)?.partitionsCount ?? 1
    return { producer, partition: randomInt(Math.max(1, partitions)) }
  }
}

/** A message holds several records, which are not counted; bytes are what messages usually have. */
async function lagOf(
  access: KafkaAccess,
  position: KafkaPosition,
  messageBytes: number,
): Promise<LogLag> {
  const { messages, oldestMs } = await unreadOf(access, position)
  if (messages === 0) return { records: 0, bytes: 0, oldestMs: 0 }
  return { records: null, bytes: Math.ceil(messages * messageBytes), oldestMs }
}
