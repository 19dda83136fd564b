import { randomUUID } from 'node:crypto'
import type { EventLog, LogLag, SourcePosition } from '@engage-sync/contract'
import { SourceUnavailableError } from '../../remote/index.ts'
import { cutLines } from '../messages/index.ts'
import type { NatsLogOptions } from './access.ts'
import { asked, connectNats } from './connection.ts'
import type { NatsConnection } from './connection.ts'
import { eraseFromNats } from './erase.ts'
import { readNatsPosition } from './position.ts'
import type { NatsPosition } from './position.ts'
import { createNatsSource } from './source.ts'
import { leftPlace, message, placeOf } from './start.ts'

const APPEND_MS = 2500
/** One try of a message, milliseconds. */
const TRY_MS = 1000
/** Room for what stands around the lines of a message. */
const HEADER_BYTES = 1024
const MAX_MESSAGE_BYTES = 512 * 1024

/**
 * A log in a stream of NATS JetStream.
 *
 * Shape: one message for each append, several where its lines do not fit; appended once the server
 * acknowledged them, and no message twice, however often it was tried. It removes nothing:
 * the limits of the stream do.
 */
export function createNatsLog(options: NatsLogOptions): EventLog {
  const source = createNatsSource(options)
  const appender = new Appender(options)
  return {
    ...source,
    append: (lines) => appender.append(lines),
    lag: (position) => lagOf(options, readNatsPosition(position, source.name)),
    trim: async (_position: SourcePosition) => undefined,
    erase: (ids, worked) => eraseFromNats(options, ids, readNatsPosition(worked, source.name)),
    close: () => appender.close(),
  }
}

class Appender {
  readonly #options: NatsLogOptions
  #opening: Promise<NatsConnection> | null = null

  constructor(options: NatsLogOptions) {
    this.#options = options
  }

  /** Messages of one append go one after another, so that they stay in order. */
  async append(lines: Uint8Array): Promise<void> {
    const deadline = performance.now() + (this.#options.appendMs ?? APPEND_MS)
    const { connection } = await this.#connect()
    const room = (connection.info?.max_payload ?? Infinity) - HEADER_BYTES
    for (const part of cutLines(lines, Math.min(room, MAX_MESSAGE_BYTES)))
      await this.#publish(part, deadline)
  }

  async close(): Promise<void> {
    const opening = this.#opening
    this.#opening = null
    await (await opening?.catch(() => null))?.connection.close()
  }

  /** Tried again under the same id, so that the stream keeps it once. */
  async #publish(part: Uint8Array, deadline: number): Promise<void> {
    const { client } = await this.#connect()
    const { stream, subject } = this.#options
    const msgID = randomUUID()
    for (;;) {
      const leftMs = deadline - performance.now()
      try {
        await asked('an append', () =>
          client.publish(subject, part, {
            msgID,
            expect: { streamName: stream },
            timeout: Math.max(1, Math.min(TRY_MS, leftMs)),
          }),
        )
        return
      } catch (error) {
        const mayPass = error instanceof SourceUnavailableError
        if (!mayPass || performance.now() >= deadline) throw error
        await new Promise((resolve) => setTimeout(resolve, AGAIN_MS))
      }
    }
  }

  #connect(): Promise<NatsConnection> {
    return (this.#opening ??= connectNats(this.#options, { isLasting: true }).catch(
      (error: unknown) => {
        this.#opening = null
        throw error
      },
    ))
  }
}

/** Between two tries of a message, milliseconds. */
const AGAIN_MS = 100

/** A message holds several records, which are not counted; bytes are a share of the stream's. */
async function lagOf(options: NatsLogOptions, stored: NatsPosition | null): Promise<LogLag> {
  const nats = await connectNats(options, { isLasting: false })
  try {
    const info = await asked('the stream', () => nats.manager.streams.info(options.stream))
    const isLeft = stored?.of !== undefined && leftPlace(stored.of, placeOf(options, info)) !== null
    const position = isLeft ? null : stored
    const next = (position?.sequence ?? 0) + 1
    const { stream, subject } = options
    const oldest = await message(nats, stream, { seq: next, next_by_subj: subject })
    if (oldest === null) return { records: 0, bytes: 0, oldestMs: 0 }
    const { state } = info
    const messages = Math.max(1, state.last_seq - oldest.seq + 1)
    const share = Math.min(1, messages / Math.max(1, state.messages))
    return {
      records: null,
      bytes: Math.max(oldest.data.length, Math.ceil(state.bytes * share)),
      oldestMs: Math.max(0, Date.now() - oldest.time.getTime()),
    }
  } finally {
    await nats.connection.close()
  }
}
