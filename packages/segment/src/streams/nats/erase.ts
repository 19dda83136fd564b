import type { Erasure } from '@engage-sync/contract'
import type { JsMsg } from '@nats-io/jetstream'
import { blankLines, namesAnyOf } from '../../source/index.ts'
import type { NatsLogOptions } from './access.ts'
import { asked, connectNats } from './connection.ts'
import type { NatsConnection } from './connection.ts'
import { consume } from './consume.ts'
import type { NatsPosition } from './position.ts'
import { leftPlace, startOf } from './start.ts'

/**
 * Erases messages that name one of some identifiers: the server overwrites them.
 *
 * Shape: reads all that the stream holds of the log's subject. A message that holds records of
 * others, too, is published again without the erased ones where all of it was worked on, so that
 * what comes again is a duplicate; else it is left. Null where the stream denies deleting.
 *
 * @param worked - up to where all was worked on; null for nothing
 */
export async function eraseFromNats(
  options: NatsLogOptions,
  ids: readonly string[],
  worked: NatsPosition | null,
): Promise<Erasure | null> {
  const nats = await connectNats(options, { isLasting: false })
  try {
    const info = await asked('the stream', () => nats.manager.streams.info(options.stream))
    if (info.config.deny_delete) return null
    const start = await startOf(nats, options, null)
    const isOf = worked?.of === undefined || leftPlace(worked.of, start.place) === null
    const upTo = isOf ? (worked?.sequence ?? 0) : 0
    const named = namesAnyOf(ids)
    let erased = 0
    let left = 0
    if (start.first === null) return { erased, left }
    for await (const message of consume(nats, options, start)) {
      if (message === null || message.seq > start.end.sequence) break
      const rest = Buffer.from(message.data)
      const count = blankLines(rest, named).length
      const isErased = count > 0 && (await erase(nats, options, { message, rest, upTo }))
      if (isErased) erased += count
      else left += count
      if (message.seq === start.end.sequence || message.info.pending === 0) break
    }
    return { erased, left }
  } finally {
    await nats.connection.close()
  }
}

interface Named {
  readonly message: JsMsg
  /** What is not erased of it. */
  readonly rest: Buffer
  /** The last message that was worked on. */
  readonly upTo: number
}

async function erase(
  { client, manager }: NatsConnection,
  { stream, subject }: NatsLogOptions,
  { message, rest, upTo }: Named,
): Promise<boolean> {
  const others = rest.toString().trim()
  if (others !== '') {
    if (message.seq > upTo) return false
    const expect = { streamName: stream }
    await asked('an append', () => client.publish(subject, others, { expect }))
  }
  await asked('erasing', () => manager.streams.deleteMessage(stream, message.seq, true))
  return true
}
