import type { ConsumerMessages, JsMsg } from '@nats-io/jetstream'
import type { NatsAccess } from './access.ts'
import { asked } from './connection.ts'
import type { NatsConnection } from './connection.ts'
import { natsError } from './errors.ts'
import { message as storedMessage } from './start.ts'
import type { Start } from './start.ts'

/** Messages the server sends ahead. */
const MESSAGES_AHEAD = 1000
/** After this long without a message that was promised, it is looked whether it is still there. */
const LOOK_MS = 1000

/**
 * Messages as they come, until nobody asks for more or the connection is lost.
 *
 * Shape: null where messages that the server said were to come are not there any more, and no other
 * stands behind; nothing is given after that.
 */
export async function* consume(
  nats: NatsConnection,
  access: NatsAccess,
  start: Start,
): AsyncGenerator<JsMsg | null> {
  const messages = await asked('messages', async () => {
    const consumer = await nats.client.consumers.get(access.stream, start.consumer)
    return await consumer.consume({ max_messages: MESSAGES_AHEAD })
  })
  void stopOnceLost(messages)
  const watch = new Watch(nats, access, start)
  const looking = setInterval(() => void watch.look(messages), LOOK_MS)
  try {
    for await (const message of messages) {
      watch.came(message)
      yield message
      watch.awaits()
    }
    if (watch.isOver) yield null
  } catch (error) {
    throw natsError(error, 'messages')
  } finally {
    clearInterval(looking)
    messages.stop()
  }
}

/** Finds out where what was promised does not come: it may have been removed meanwhile. */
class Watch {
  readonly #nats: NatsConnection
  readonly #access: NatsAccess
  /** The lowest sequence that may come. */
  #next: number
  /** Whether the server said that more is to come. */
  #isPromised: boolean
  #isAwaited = true
  /** Changes whenever a message came. */
  #count = 0
  #looked = -1
  isOver = false

  constructor(nats: NatsConnection, access: NatsAccess, { first }: Start) {
    this.#nats = nats
    this.#access = access
    this.#next = first ?? 1
    this.#isPromised = first !== null
  }

  came({ seq, info }: JsMsg): void {
    this.#count++
    this.#next = seq + 1
    this.#isPromised = info.pending > 0
    this.#isAwaited = false
  }

  /** Who takes messages asks for the next one: from here on it may be late. */
  awaits(): void {
    this.#isAwaited = true
  }

  /** Stops where nothing came since it was looked last, and nothing is there. */
  async look(messages: ConsumerMessages): Promise<void> {
    const count = this.#count
    const isLate = this.#isPromised && this.#isAwaited && this.#looked === count
    this.#looked = this.#isAwaited ? count : -1
    if (!isLate || (await this.#isThere()) || this.#count !== count) return
    this.isOver = true
    messages.stop()
  }

  /** Where nobody answers, the connection tells. */
  async #isThere(): Promise<boolean> {
    const { stream, subject = '>' } = this.#access
    const query = { seq: this.#next, next_by_subj: subject }
    return await storedMessage(this.#nats, stream, query).then(
      (found) => found !== null,
      () => true,
    )
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
