import type { SourceCondition } from '@engage-sync/contract'
import type { StreamInfo } from '@nats-io/jetstream'
import { countOf } from '../../source/index.ts'
import { SourceAuthError, SourceRequestError } from '../../remote/index.ts'
import type { NatsAccess, NatsLogOptions } from './access.ts'
import { asked, connectNats } from './connection.ts'
import type { NatsConnection } from './connection.ts'
import { NANOSECONDS } from './limits.ts'

/** Copies from which on a lost machine loses nothing that was acknowledged. */
const SAFE_COPIES = 3
const HOUR_MS = 3_600_000

/** Looks at a stream, and at what it may lose. */
export function checkNats(access: NatsAccess, signal: AbortSignal): Promise<SourceCondition> {
  return lookedAt(access, signal, (info) => {
    const hint = lossOf(info) ?? riskOf(info)
    return { message: messageOf(info), ...(hint !== null && { hint }) }
  })
}

/**
 * Looks at a stream that is a log.
 *
 * @throws {SourceError} `SOURCE_REQUEST` for one that keeps nothing until it is read, too
 */
export function checkNatsLog(
  options: NatsLogOptions,
  signal: AbortSignal,
): Promise<SourceCondition> {
  return lookedAt(options, signal, (info) => {
    refuse(info)
    const hint = takes(info, options.subject) ? riskOf(info) : NOT_TAKEN
    return { message: messageOf(info), ...(hint !== null && { hint }) }
  })
}

/**
 * Refuses a stream in which what is acknowledged would be lost before it is read.
 *
 * Shape: who may not look at it is let pass: `doctor` looks, too.
 *
 * @throws {SourceError} `SOURCE_REQUEST`
 */
export async function refuseLossy(
  { manager }: NatsConnection,
  { stream }: NatsLogOptions,
): Promise<void> {
  const info = await asked('an append', () => manager.streams.info(stream)).catch(unseen)
  if (info !== null) refuse(info)
}

function unseen(error: unknown): null {
  if (error instanceof SourceAuthError) return null
  throw error
}

function refuse(info: StreamInfo): void {
  const hint = lossOf(info)
  if (hint === null) return
  throw new SourceRequestError(
    { service: 'NATS', what: 'an append' },
    'the stream does not keep what comes until it is read',
    { hint },
  )
}

async function lookedAt(
  access: NatsAccess,
  signal: AbortSignal,
  look: (info: StreamInfo) => SourceCondition,
): Promise<SourceCondition> {
  signal.throwIfAborted()
  const nats = await connectNats(access, { isLasting: false })
  try {
    return look(await asked('the stream', () => nats.manager.streams.info(access.stream)))
  } finally {
    await nats.connection.close()
  }
}

const NOT_TAKEN =
  'None of its subjects matches `subject`: nothing can be appended, unless the account maps it. Add it to the subjects of the stream.'

/** Whether the stream takes what is published under a subject, as far as it says itself. */
function takes({ config }: StreamInfo, subject: string): boolean {
  // A mirror has none.
  const subjects = (config.subjects as readonly string[] | undefined) ?? []
  return subjects.some((pattern) => matches(pattern.split('.'), subject.split('.')))
}

function matches(pattern: readonly string[], subject: readonly string[]): boolean {
  const isRest = pattern.at(-1) === '>'
  const tokens = isRest ? pattern.slice(0, -1) : pattern
  if (isRest ? subject.length <= tokens.length : subject.length !== tokens.length) return false
  return tokens.every((token, at) => token === '*' || token === subject[at])
}

function messageOf({ state, config }: StreamInfo): string {
  const kept = config.max_age === 0 ? '' : `, kept for ${timeOf(config.max_age)}`
  const copies = countOf(config.num_replicas, 'copy', 'copies')
  return `${countOf(state.messages, 'message')} in ${copies}${kept}`
}

function timeOf(nanoseconds: number): string {
  const ms = nanoseconds / NANOSECONDS
  return ms < HOUR_MS
    ? `${Math.ceil(ms / 60_000)} min`
    : `${Math.round((ms / HOUR_MS) * 10) / 10} h`
}

/** How a stream loses what was not read yet, and what to do; null for one that does not. */
function lossOf({ config }: StreamInfo): string | null {
  if (config.retention !== 'limits')
    return 'The stream removes messages that others acknowledged, read here or not. Make it with retention `limits`.'
  if (config.max_msgs_per_subject > 0)
    return `The stream keeps ${countOf(config.max_msgs_per_subject, 'message')} of each subject: what is replaced before it is read is missed, and nobody tells. Make it without \`max_msgs_per_subject\`.`
  if (config.no_ack)
    return 'The stream acknowledges nothing, so that nobody knows what it keeps. Make it without `no_ack`.'
  return null
}

/**
 * What a stream may lose that was acknowledged; null where nothing is known.
 *
 * @see https://jepsen.io/analyses/nats-2.12.1 (acknowledged messages are synced every two minutes)
 */
function riskOf({ config }: StreamInfo): string | null {
  if (config.storage === 'memory')
    return 'The stream is kept in memory: a restart loses it. Make it with storage `file`.'
  if (config.num_replicas < SAFE_COPIES)
    return 'A server syncs what it acknowledges every two minutes, and a lost machine loses that: have three replicas, or `sync_interval: always` in the server (NATS 2.10).'
  return null
}
