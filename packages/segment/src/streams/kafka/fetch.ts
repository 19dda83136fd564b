import { asked } from './client.ts'
import type { OpenTopic } from './client.ts'
import type { Fetched } from './messages.ts'
import type { KafkaPlace, Offsets } from './position.ts'

const PARTITION_BYTES = 1024 * 1024
const ANSWER_BYTES = 8 * 1024 * 1024
/** Of transactions, only what was committed. */
const READ_COMMITTED = 1

/**
 * Whether the topic has more partitions than are read. What is known of it is some minutes old at
 * most, and costs no request.
 */
export async function hasGrown(open: OpenTopic, { size }: Offsets): Promise<boolean> {
  const { partitions } = await topicOf(open)
  return partitions.length > size
}

/** Which topic it is, as brokers tell. */
export async function placeOf({ consumer, topic }: OpenTopic): Promise<KafkaPlace> {
  const metadata = await asked('the topic', () => consumer.metadata({ topics: [topic] }))
  const id = metadata.topics.get(topic)?.id ?? topic
  const cluster = (metadata.id as string | null) ?? null
  // The client has the name in the stead of an id where brokers give none.
  return { topic, cluster, id: id === topic ? null : id }
}

/**
 * Asks the leader of each partition once for what stands from its offset on.
 *
 * Shape: partitions in any order; those without anything new are left out.
 *
 * @param waitMs - how long a broker waits for something to come; the slowest one counts
 */
export async function fetchOnce(
  open: OpenTopic,
  offsets: Offsets,
  waitMs = 0,
): Promise<readonly Fetched[]> {
  const { consumer } = open
  const { id: topicId, partitions } = await topicOf(open)
  const byLeader = new Map<number, number[]>()
  for (const partition of offsets.keys()) {
    const leader = partitions[partition]?.leader ?? -1
    byLeader.set(leader, [...(byLeader.get(leader) ?? []), partition])
  }
  const answers = await Promise.all(
    [...byLeader].map(([node, asking]) =>
      asked('messages', () =>
        consumer.fetch({
          node,
          maxWaitTime: waitMs,
          minBytes: 1,
          maxBytes: ANSWER_BYTES,
          isolationLevel: READ_COMMITTED,
          topics: [
            {
              topicId,
              partitions: asking.map((partition) => ({
                partition,
                currentLeaderEpoch: -1,
                lastFetchedEpoch: -1,
                fetchOffset: BigInt(offsets.get(partition)?.offset ?? 0),
                partitionMaxBytes: PARTITION_BYTES,
              })),
            },
          ],
        }),
      ),
    ),
  )
  return answers.flatMap(({ responses }) => responses.flatMap((one) => one.partitions))
}

async function topicOf({ consumer, topic }: OpenTopic) {
  const metadata = await asked('the topic', () => consumer.metadata({ topics: [topic] }))
  return metadata.topics.get(topic) ?? { id: topic, partitions: [] }
}
