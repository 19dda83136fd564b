import type { StreamLimit, StreamStanding } from '@engage-sync/contract'
import type { KafkaAccess } from './access.ts'
import { clientOptions, endOffsets, loadKafka, openTopic } from './client.ts'
import type { OpenTopic } from './client.ts'
import { fetchOnce } from './fetch.ts'
import { messagesOf } from './messages.ts'
import type { KafkaPosition, Offsets } from './position.ts'
import { startOf } from './start.ts'

/** What is not read of a topic. */
export interface Unread {
  /** What was removed before it was read, in words; null where nothing is known to be. */
  readonly gone: string | null
  readonly messages: number
  /** How long the oldest of them has been there, milliseconds; 0 where there is none. */
  readonly oldestMs: number
  /** Those that are not read to their end. */
  readonly partitions: readonly UnreadPartition[]
}

interface UnreadPartition {
  readonly behind: number
  /** Messages in all. */
  readonly holds: number
  /** Whether something was removed from it already. */
  readonly isCut: boolean
}

/** How a position stands to what the topic still holds. */
export async function kafkaStanding(
  access: KafkaAccess,
  position: KafkaPosition,
): Promise<StreamStanding> {
  const { partitions, ...unread } = await unreadOf(access, position)
  const limits = [...sizeLimits(partitions), ...(await timeLimits(access, unread.oldestMs))]
  return { ...unread, limits }
}

/** What stands behind a position. */
export async function unreadOf(access: KafkaAccess, position: KafkaPosition): Promise<Unread> {
  const open = await openTopic(access)
  try {
    const ends = await endOffsets(open)
    const { offsets, firsts, gone } = await startOf(open, position, ends)
    const endOf = (partition: number) => Number(ends[partition] ?? 0n)
    const behind = [...offsets].filter(([partition, { offset }]) => endOf(partition) > offset)
    const partitions = behind.map(([partition, { offset }]): UnreadPartition => {
      const first = Number(firsts[partition] ?? 0n)
      return {
        behind: endOf(partition) - offset,
        holds: endOf(partition) - first,
        isCut: first > 0,
      }
    })
    return {
      gone: gone?.take(null).rejected[0]?.message ?? null,
      messages: partitions.reduce((sum, one) => sum + one.behind, 0),
      oldestMs: await ageOf(open, new Map(behind)),
      partitions,
    }
  } finally {
    await open.close()
  }
}

/** How long the oldest message behind offsets has been there, milliseconds; 0 where there is none. */
async function ageOf(open: OpenTopic, offsets: Offsets): Promise<number> {
  if (offsets.size === 0) return 0
  let oldest = Date.now()
  for (const fetched of await fetchOnce(open, offsets)) {
    const from = offsets.get(fetched.partitionIndex)?.offset ?? 0
    for (const { time } of messagesOf(fetched, from)) {
      oldest = Math.min(oldest, time)
      break
    }
  }
  return Math.max(0, Date.now() - oldest)
}

/** A partition that removed something holds what its retention keeps: the worst one counts. */
function sizeLimits(unread: readonly UnreadPartition[]): readonly StreamLimit[] {
  const [worst] = unread
    .filter(({ isCut }) => isCut)
    .toSorted((one, other) => other.behind / other.holds - one.behind / one.holds)
  return worst === undefined ? [] : [{ unit: 'messages', behind: worst.behind, keeps: worst.holds }]
}

const RETENTION = 'retention.ms'
const POLICY = 'cleanup.policy'
/** Of what has a configuration. */
const TOPIC = 2

/** What the topic is configured with, where brokers tell who asks. */
async function timeLimits(access: KafkaAccess, oldestMs: number): Promise<readonly StreamLimit[]> {
  const { Admin } = await loadKafka()
  const admin = new Admin({ ...clientOptions(access), retries: 0 })
  try {
    const [found] = await admin.describeConfigs({
      resources: [
        { resourceType: TOPIC, resourceName: access.topic, configurationKeys: [RETENTION, POLICY] },
      ],
    })
    return retentionLimits(found?.configs ?? [], oldestMs)
  } catch {
    return []
  } finally {
    await admin.close().catch(() => undefined)
  }
}

/** The limit of time that a topic's configuration sets; none where it only compacts, or keeps for ever. */
export function retentionLimits(
  configs: readonly { readonly name: string; readonly value?: string | null | undefined }[],
  oldestMs: number,
): readonly StreamLimit[] {
  const valueOf = (name: string) => configs.find((config) => config.name === name)?.value ?? ''
  const keeps = Number(valueOf(RETENTION))
  const removes = valueOf(POLICY) === '' || valueOf(POLICY).includes('delete')
  return keeps > 0 && removes ? [{ unit: 'milliseconds', behind: oldestMs, keeps }] : []
}
