import { randomUUID } from 'node:crypto'
import { SourceTooLargeError, SourceUnavailableError } from '../../remote/index.ts'
import { cutLines } from '../messages/index.ts'
import type { NatsLogOptions } from './access.ts'
import { refuseLossy } from './check.ts'
import { asked, connectNats } from './connection.ts'
import type { NatsConnection } from './connection.ts'

const APPEND_MS = 2500
/** One try of a message, milliseconds. */
const TRY_MS = 1000
/** Between two tries of a message, milliseconds. */
const AGAIN_MS = 100
/** Room for what stands around the lines of a message. */
const HEADER_BYTES = 1024
const MAX_MESSAGE_BYTES = 512 * 1024

/** Appends over one connection, made when it is needed, and again once it was given up. */
export class Appender {
  readonly #options: NatsLogOptions
  #opening: Promise<NatsConnection> | null = null
  #isClosed = false

  constructor(options: NatsLogOptions) {
    this.#options = options
  }

  /** Messages of one append go one after another, so that they stay in order. */
  async append(lines: Uint8Array): Promise<void> {
    const deadline = performance.now() + (this.#options.appendMs ?? APPEND_MS)
    const { connection } = await this.#connect()
    const room = (connection.info?.max_payload ?? Infinity) - HEADER_BYTES
    for (const part of cutLines(lines, Math.min(room, MAX_MESSAGE_BYTES))) {
      if (part.length > room) throw tooLarge(part, room)
      await this.#publish(part, deadline)
    }
  }

  /** What is under way fails, and connects to nobody again. */
  async close(): Promise<void> {
    this.#isClosed = true
    const opening = this.#opening
    this.#opening = null
    await (await opening?.catch(() => null))?.connection.close()
  }

  /** Tried again under the same id, so that the stream keeps it once. */
  async #publish(part: Uint8Array, deadline: number): Promise<void> {
    const { stream, subject } = this.#options
    const msgID = randomUUID()
    for (;;) {
      const leftMs = deadline - performance.now()
      try {
        const { client } = await this.#connect()
        await asked('an append', () =>
          client.publish(subject, part, {
            msgID,
            expect: { streamName: stream },
            timeout: Math.max(1, Math.min(TRY_MS, leftMs)),
          }),
        )
        return
      } catch (error) {
        const mayPass = error instanceof SourceUnavailableError && !this.#isClosed
        // A try that has no time for an answer would only hide why the others failed.
        if (!mayPass || performance.now() + 2 * AGAIN_MS >= deadline) throw error
        await new Promise((resolve) => setTimeout(resolve, AGAIN_MS))
      }
    }
  }

  #connect(): Promise<NatsConnection> {
    if (this.#opening !== null) return this.#opening
    if (this.#isClosed) return Promise.reject(closedLog())
    const opening = this.#open(() => {
      if (this.#opening === opening) this.#opening = null
    })
    this.#opening = opening
    return opening
  }

  /** @param onLost - where it was not made, or the client gave it up: refused credentials do that */
  async #open(onLost: () => void): Promise<NatsConnection> {
    try {
      const nats = await connectNats(this.#options, { isLasting: true })
      void nats.connection.closed().then(onLost)
      await refuseLossy(nats, this.#options).catch(async (error: unknown) => {
        await nats.connection.close()
        throw error
      })
      return nats
    } catch (error) {
      onLost()
      throw error
    }
  }
}

function closedLog(): SourceUnavailableError {
  const place = { service: 'NATS', what: 'an append' }
  return new SourceUnavailableError(place, 'the log was closed')
}

function tooLarge(part: Uint8Array, room: number): SourceTooLargeError {
  return new SourceTooLargeError(
    { service: 'NATS', what: 'record' },
    `it has ${part.length} bytes, and ${room} fit into a message`,
    'Raise max_payload of the server, and max_msg_size of the stream where it has one.',
  )
}
