import { join } from 'node:path'
import { logDirectory, logToken, SOURCE_PLACE } from '@engage-sync/core'
import type { EventLog, NormalisedEnvironment, SourceConfig } from '@engage-sync/core'
import type { KafkaAccess, NatsAccess } from '@engage-sync/segment'
import { readPostgresUrl } from '../state/postgres/connection/index.ts'
import type { Place } from './registry.ts'

/** A log's place on this machine, and the source whose records it keeps. */
export interface LogPlace extends Pick<Place, 'directory'> {
  /** Name of the source. */
  readonly name: string
}

/**
 * Opens the log of a source: what it received and was not worked on yet.
 *
 * @throws {SyncError} `SOURCE_DEPENDENCY`
 */
export async function openLog(
  { serve: { log }, state }: Pick<NormalisedEnvironment, 'serve' | 'state'>,
  place: LogPlace,
): Promise<EventLog> {
  if (log === 'spool') return await openSpool(place)
  if ('postgres' in log) {
    const { createPostgresLog } = await import('@engage-sync/segment')
    const { url, schema } = readPostgresUrl(state.url ?? '')
    const { retentionMs } = log.postgres
    return createPostgresLog({ url, schema: `${schema}_log`, source: place.name, retentionMs })
  }
  if ('kafka' in log) {
    const { createKafkaLog } = await import('@engage-sync/segment')
    const topic = log.kafka.topic.replaceAll(SOURCE_PLACE, logToken(place.name))
    return createKafkaLog({ ...kafkaAccess(log.kafka), topic })
  }
  const { createNatsLog } = await import('@engage-sync/segment')
  const subject = log.nats.subject.replaceAll(SOURCE_PLACE, logToken(place.name))
  return createNatsLog({ ...natsAccess(log.nats), subject })
}

/** The log in files of this machine. */
export async function openSpool(place: LogPlace): Promise<EventLog> {
  const { createSpool } = await import('@engage-sync/segment')
  return createSpool({ name: `what ${place.name} received`, directory: spoolOf(place) })
}

/** Where a spool of a source is. */
export function spoolOf({ directory, name }: LogPlace): string {
  return join(directory, 'spool', logDirectory(name))
}

type NatsConfig = Extract<SourceConfig, { readonly nats: unknown }>['nats']

/** How a stream is reached, as it is configured. */
export function natsAccess({ servers, tls, ...config }: NatsConfig): NatsAccess {
  return { ...config, servers: [servers].flat(), ...(tls !== undefined && { tls }) }
}

type KafkaConfig = Extract<SourceConfig, { readonly kafka: unknown }>['kafka']

/** How a topic is reached, as it is configured. */
export function kafkaAccess({ brokers, tls, ...config }: KafkaConfig): KafkaAccess {
  return {
    ...config,
    brokers: [brokers].flat(),
    ...(tls !== undefined && { tls: tls === true ? {} : tls }),
  }
}
