import type { StreamInfo } from '@nats-io/jetstream'
import type { StreamLimit, StreamStanding } from '@engage-sync/contract'
import type { NatsAccess } from './access.ts'
import { asked, connectNats } from './connection.ts'
import { NANOSECONDS } from './limits.ts'
import type { NatsPosition } from './position.ts'
import { message, startOf } from './start.ts'

/** How a position stands to what the stream still holds; messages of other subjects count, too. */
export async function natsStanding(
  access: NatsAccess,
  position: NatsPosition | null,
): Promise<StreamStanding> {
  const nats = await connectNats(access, { isLasting: false })
  try {
    const { first, gone } = await startOf(nats, access, position)
    const info = await asked('the stream', () => nats.manager.streams.info(access.stream))
    const oldest = first === null ? null : await message(nats, access.stream, { seq: first })
    if (first === null || oldest === null) return { gone, messages: 0, oldestMs: 0, limits: [] }
    const messages = Math.min(info.state.messages, Math.max(1, info.state.last_seq - first + 1))
    const oldestMs = Math.max(0, Date.now() - oldest.time.getTime())
    return { gone, messages, oldestMs, limits: limitsOf(info, { messages, oldestMs }) }
  } finally {
    await nats.connection.close()
  }
}

function limitsOf(
  { config, state }: StreamInfo,
  { messages, oldestMs }: Pick<StreamStanding, 'messages' | 'oldestMs'>,
): readonly StreamLimit[] {
  const share = messages / Math.max(1, state.messages)
  const limits: readonly StreamLimit[] = [
    { unit: 'milliseconds', behind: oldestMs, keeps: config.max_age / NANOSECONDS },
    { unit: 'bytes', behind: Math.ceil(state.bytes * share), keeps: config.max_bytes },
    { unit: 'messages', behind: messages, keeps: config.max_msgs },
  ]
  return limits.filter(({ keeps }) => keeps > 0)
}
