import { logToken, SOURCE_PLACE, SyncError } from '@engage-sync/core'
import type { NormalisedEnvironment, SourceConfig, SourcePosition } from '@engage-sync/core'
import type { LogKind, UsedLog } from '../state/values/used-logs.ts'

export type { LogKind, UsedLog } from '../state/values/used-logs.ts'

/** By what a position has, which log it is of. */
const KINDS: readonly (readonly [key: string, kind: LogKind])[] = [
  ['files', 'spool'],
  ['fronts', 'postgres'],
  ['sequence', 'nats'],
  ['partitions', 'kafka'],
]

/** What says where webhooks' records are kept. */
export type LogOf = Pick<NormalisedEnvironment, 'serve' | 'state'>

/** Where the records of a source wait until they are worked on; null for one that does not go on. */
export function usedLog(name: string, config: SourceConfig, { serve }: LogOf): UsedLog | null {
  if ('nats' in config) return natsLog(config.nats)
  if ('kafka' in config) return kafkaLog(config.kafka)
  if (!('webhook' in config)) return null
  const { log } = serve
  if (log === 'spool') return { kind: 'spool' }
  if ('postgres' in log) return { kind: 'postgres' }
  const named = (text: string) => text.replaceAll(SOURCE_PLACE, logToken(name))
  if ('kafka' in log) return kafkaLog({ ...log.kafka, topic: named(log.kafka.topic) })
  return natsLog({ ...log.nats, subject: named(log.nats.subject) })
}

interface NatsPlace {
  readonly servers: string | readonly string[]
  readonly stream: string
  readonly subject?: string
}

function natsLog({ servers, stream, subject }: NatsPlace): UsedLog {
  return { kind: 'nats', place: natsPlace(stream, subject ?? null), servers: hostsOf(servers) }
}

interface KafkaPlace {
  readonly brokers: string | readonly string[]
  readonly topic: string
}

function kafkaLog({ brokers, topic }: KafkaPlace): UsedLog {
  return { kind: 'kafka', place: `topic ${topic}`, servers: hostsOf(brokers) }
}

/** Addresses as they may be kept: without who asks there. */
function hostsOf(servers: string | readonly string[]): readonly string[] {
  return [servers].flat().map((server) => server.replace(/^.*(?:@|:\/\/)/u, ''))
}

function natsPlace(stream: string, subject: string | null): string {
  return `stream ${stream}${subject === null ? '' : `, ${subject}`}`
}

/** Which log a position is of; null for one of no log. */
export function logOfPosition(position: SourcePosition): UsedLog | null {
  if (typeof position !== 'object' || position === null) return null
  const kind = KINDS.find(([key]) => key in position)?.[1]
  if (kind === undefined) return null
  const { of } = position as { readonly of?: Readonly<Record<string, string | null>> }
  if (of === undefined) return { kind }
  const { stream = '', subject = null, topic = '' } = of
  const place = kind === 'nats' ? natsPlace(stream ?? '', subject) : `topic ${topic}`
  return { kind, place }
}

/** Whether both are the same log, as far as is known of them: one address in common is enough. */
export function isSameLog(one: UsedLog, other: UsedLog): boolean {
  if (one.kind !== other.kind) return false
  if (one.place !== undefined && other.place !== undefined && one.place !== other.place)
    return false
  const { servers } = other
  if (one.servers === undefined || servers === undefined) return true
  return one.servers.some((server) => servers.includes(server))
}

/** What waits there cannot be read without its configuration. */
export function isElsewhere({ kind }: UsedLog): boolean {
  return kind === 'nats' || kind === 'kafka'
}

/** The error of a source whose records waited somewhere else before. */
export function logChanged(
  source: string,
  { former, now }: { readonly former: UsedLog; readonly now: UsedLog },
): SyncError {
  const isPlaced = former.place !== undefined && former.place === now.place
  const place = (log: UsedLog) => (isPlaced ? `${told(log)} on other servers` : told(log))
  return new SyncError(
    'SERVE_LOG_CHANGED',
    `Source ${source} was read from ${told(former)} last, and is read from ${place(now)} now: what waits there nobody can count`,
    {
      hint: isPlaced
        ? 'Where they are the same servers under other names, start once with `--leave-log`: nothing is lost. Else set them back first, and let `engage-sync run` work on what waits there.'
        : 'Set it back, let `engage-sync run` work on what waits there, then change it and start the server once with `--leave-log`.',
    },
  )
}

function told({ kind, place }: UsedLog): string {
  return place === undefined ? kind : `${kind} (${place})`
}
