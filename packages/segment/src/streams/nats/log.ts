import type { EventLog, LogLag, SourcePosition } from '@engage-sync/contract'
import type { NatsLogOptions } from './access.ts'
import { Appender } from './append.ts'
import { checkNatsLog } from './check.ts'
import { asked, connectNats } from './connection.ts'
import { eraseFromNats } from './erase.ts'
import { readNatsPosition } from './position.ts'
import type { NatsPosition } from './position.ts'
import { createNatsSource } from './source.ts'
import { leftPlace, message, placeOf } from './start.ts'

/**
 * A log in a stream of NATS JetStream.
 *
 * Shape: one message for each append, several where its lines do not fit; appended once the server
 * acknowledged them, and no message twice, however often it was tried. A stream that would lose what
 * nobody read yet takes nothing. It removes nothing: the limits of the stream do.
 */
export function createNatsLog(options: NatsLogOptions): EventLog {
  const source = createNatsSource(options)
  const appender = new Appender(options)
  return {
    ...source,
    check: (signal) => checkNatsLog(options, signal),
    append: (lines) => appender.append(lines),
    lag: (position) => lagOf(options, readNatsPosition(position, source.name)),
    trim: async (_position: SourcePosition) => undefined,
    erase: (ids, worked) => eraseFromNats(options, ids, readNatsPosition(worked, source.name)),
    close: () => appender.close(),
  }
}

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
