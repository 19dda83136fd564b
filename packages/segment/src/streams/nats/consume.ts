import type { ConsumerMessages, JsMsg } from '@nats-io/jetstream'
import type { NatsAccess } from './access.ts'
import { asked } from './connection.ts'
import type { NatsConnection } from './connection.ts'
import { natsError } from './errors.ts'
import type { Start } from './start.ts'

/** Messages the server sends ahead. */
const MESSAGES_AHEAD = 1000

/** Messages as they come, until nobody asks for more or the connection is lost. */
export async function* consume(
  { client }: NatsConnection,
  { stream }: NatsAccess,
  start: Start,
): AsyncGenerator<JsMsg> {
  const messages = await asked('messages', async () => {
    const consumer = await client.consumers.get(stream, start.consumer)
    return await consumer.consume({ max_messages: MESSAGES_AHEAD })
  })
  void stopOnceLost(messages)
  try {
    yield* messages
  } catch (error) {
    throw natsError(error, 'messages')
  } finally {
    messages.stop()
  }
}

/**
 * What makes a client begin again by itself: it would go on by sequence, though the stream may be
 * another one by now.
 */
const BEGINS_AGAIN: ReadonlySet<string> = new Set(['reset', 'consumer_deleted', 'stream_not_found'])

async function stopOnceLost(messages: ConsumerMessages): Promise<void> {
  for await (const { type } of messages.status()) if (BEGINS_AGAIN.has(type)) messages.stop()
}
