import type * as Kafka from '@platformatic/kafka'
import { loadPeer } from '../../remote/index.ts'
import type { KafkaAccess } from './access.ts'
import { kafkaError } from './errors.ts'

const PACKAGE = '@platformatic/kafka'
/** How long an answer is waited for, milliseconds. */
const ANSWER_MS = 5000
/** What brokers are told; nobody joins it. */
const GROUP = 'engage-sync'

/** Loads the client. @throws {SourceError} `SOURCE_DEPENDENCY` */
export function loadKafka(): Promise<typeof Kafka> {
  return loadPeer(() => import('@platformatic/kafka'), {
    name: PACKAGE,
    version: '2',
    use: 'Kafka',
  })
}

/** Asks, and turns what fails into an error of ours. @param what - is asked for */
export async function asked<Answer>(what: string, ask: () => Promise<Answer>): Promise<Answer> {
  try {
    return await ask()
  } catch (error) {
    throw kafkaError(error, what)
  }
}

/** What clients have in common. */
export function clientOptions({ brokers, sasl, tls }: KafkaAccess) {
  return {
    clientId: GROUP,
    bootstrapBrokers: [...brokers],
    connectTimeout: ANSWER_MS,
    requestTimeout: ANSWER_MS,
    retries: 2,
    retryDelay: 200,
    autocreateTopics: false,
    ...(sasl !== undefined && { sasl }),
    ...(tls !== undefined && { tls }),
  }
}

/** A topic that can be read. */
export interface OpenTopic {
  readonly consumer: Kafka.Consumer
  readonly topic: string
  close(): Promise<void>
}

/** Opens a topic to be read by offset; no group is joined. */
export async function openTopic(access: KafkaAccess): Promise<OpenTopic> {
  const { Consumer } = await loadKafka()
  const { topic } = access
  const consumer = new Consumer({ ...clientOptions(access), groupId: GROUP })
  // So that leaders that moved are asked for anew.
  consumer.topics.track(topic)
  return { consumer, topic, close: () => consumer.close(true).catch(() => undefined) }
}

const EARLIEST = -2n
const LATEST = -1n

/** The first offset that is there, by partition. */
export function firstOffsets(open: OpenTopic): Promise<readonly bigint[]> {
  return offsetsAt(open, EARLIEST)
}

/** The offset behind the last one, by partition. */
export function endOffsets(open: OpenTopic): Promise<readonly bigint[]> {
  return offsetsAt(open, LATEST)
}

/** The first offset at a time or later, by partition. @param timestamp - milliseconds since the epoch */
export function offsetsAt(
  { consumer, topic }: OpenTopic,
  timestamp: bigint,
): Promise<readonly bigint[]> {
  return asked('offsets', async () => {
    const offsets = await consumer.listOffsets({ topics: [topic], timestamp })
    return offsets.get(topic) ?? []
  })
}
