import type { SourceCondition } from '@engage-sync/contract'
import type { StreamInfo } from '@nats-io/jetstream'
import { countOf } from '../../source/index.ts'
import type { NatsAccess } from './access.ts'
import { asked, connectNats } from './connection.ts'
import { NANOSECONDS } from './limits.ts'

/** Copies from which on a lost machine loses nothing that was acknowledged. */
const SAFE_COPIES = 3
const HOUR_MS = 3_600_000

/** Looks at a stream, and at what it may lose. */
export async function checkNats(access: NatsAccess, signal: AbortSignal): Promise<SourceCondition> {
  signal.throwIfAborted()
  const nats = await connectNats(access, { isLasting: false })
  try {
    const info = await asked('the stream', () => nats.manager.streams.info(access.stream))
    const hint = riskOf(info)
    return { message: messageOf(info), ...(hint !== null && { hint }) }
  } finally {
    await nats.connection.close()
  }
}

function messageOf({ state, config }: StreamInfo): string {
  const kept = config.max_age === 0 ? '' : `, kept for ${hoursOf(config.max_age)}`
  const copies = countOf(config.num_replicas, 'copy', 'copies')
  return `${countOf(state.messages, 'message')} in ${copies}${kept}`
}

function hoursOf(nanoseconds: number): string {
  return `${Math.round((nanoseconds / NANOSECONDS / HOUR_MS) * 10) / 10} h`
}

/**
 * What a stream may lose that was acknowledged; null where nothing is known.
 *
 * @see https://jepsen.io/analyses/nats-2.12.1 (acknowledged messages are synced every two minutes)
 */
function riskOf({ config }: StreamInfo): string | null {
  if (config.storage === 'memory')
    return 'The stream is kept in memory: a restart loses it. Make it with storage `file`.'
  if (config.retention !== 'limits')
    return 'The stream removes messages that others acknowledged, read here or not. Make it with retention `limits`.'
  if (config.max_msgs_per_subject > 0)
    return `The stream keeps ${countOf(config.max_msgs_per_subject, 'message')} of each subject: what is replaced before it is read is missed, and nobody tells. Make it without \`max_msgs_per_subject\`.`
  if (config.num_replicas < SAFE_COPIES)
    return 'A server syncs what it acknowledges every two minutes, and a lost machine loses that: have three replicas, or `sync_interval: always` in the server (NATS 2.10).'
  return null
}
