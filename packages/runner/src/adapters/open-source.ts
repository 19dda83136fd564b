import { resolve } from 'node:path'
import { addAbortSignal, Readable } from 'node:stream'
import { SyncError } from '@engage-sync/core'
import type { EventLog, NormalisedEnvironment, Source, SourceConfig } from '@engage-sync/core'
import type { Pacer } from '@engage-sync/segment'
import { kafkaAccess, natsAccess, openLog, spoolOf } from './open-log.ts'
import type { Place } from './registry.ts'

/** The computations a run wants, as sources of whole profiles need them. */
export interface WantedKeys {
  readonly traits: readonly string[]
  readonly audiences: readonly string[]
}

/** A source's place on this machine, its name, and what is wanted of it. */
export interface SourcePlace extends Place {
  readonly name: string
  readonly keys: WantedKeys
}

/**
 * Opens a source of an environment; of a webhook, what the server received and did not work on yet.
 *
 * @throws {SyncError} `SOURCE_UNSUPPORTED` for one that mixes what cannot be read as one
 */
export async function openSource(
  config: SourceConfig,
  environment: NormalisedEnvironment,
  place: SourcePlace,
): Promise<Source> {
  if ('events' in config) return openEvents(config, place)
  if ('profiles_sync' in config) {
    const { createProfilesSyncSource } = await import('@engage-sync/segment')
    const { url, schema, reconcile } = config.profiles_sync
    return createProfilesSyncSource({
      url,
      schema,
      keys: place.keys,
      mode: reconcile === true ? 'full' : 'incremental',
    })
  }
  if ('profile_api' in config) return openProfileApi(config, environment, place)
  if ('nats' in config) {
    const { createNatsSource } = await import('@engage-sync/segment')
    return createNatsSource(natsAccess(config.nats))
  }
  if ('kafka' in config) {
    const { createKafkaSource } = await import('@engage-sync/segment')
    return createKafkaSource(kafkaAccess(config.kafka))
  }
  return await openLog(environment, place)
}

/**
 * Keeps a stream of NDJSON for as long as it goes on; an abort ends the stream, too.
 *
 * @throws what the stream or the spool throws, and the reason of an abort
 */
export async function feedFrom(
  input: AsyncIterable<Uint8Array>,
  spool: Pick<EventLog, 'append'>,
  signal: AbortSignal,
): Promise<void> {
  const { feedSpool } = await import('@engage-sync/segment')
  if (input instanceof Readable) addAbortSignal(signal, input)
  await feedSpool(spool, input, signal)
}

/** Whether what a source gives is kept on this machine until it is committed. */
export function isSpooled(config: SourceConfig): boolean {
  return (
    'profile_api' in config ||
    'webhook' in config ||
    ('events' in config && [config.events].flat().includes('-'))
  )
}

type Events = Extract<SourceConfig, { readonly events: unknown }>
type ProfileApi = Extract<SourceConfig, { readonly profile_api: unknown }>

async function openEvents(config: Events, place: SourcePlace): Promise<Source> {
  const { createFileSource, createS3Source, spoolSource } = await import('@engage-sync/segment')
  const places = typeof config.events === 'string' ? [config.events] : config.events
  const [only, ...others] = places
  if (only === '-' && others.length === 0) {
    return spoolSource({ name: 'standard input', directory: spoolOf(place), input: place.stdin })
  }
  if (only?.startsWith('s3://') && others.length === 0) {
    const {
      region,
      endpoint,
      access_key_id: accessKeyId,
      secret_access_key: secretAccessKey,
    } = config.s3 ?? {}
    const credentials =
      accessKeyId === undefined || secretAccessKey === undefined
        ? {}
        : { credentials: { accessKeyId, secretAccessKey } }
    return createS3Source({
      url: only,
      ...(region === undefined ? {} : { region }),
      ...(endpoint === undefined ? {} : { endpoint }),
      ...credentials,
    })
  }
  if (places.some((one) => one === '-' || one.startsWith('s3://'))) {
    throw new SyncError(
      'SOURCE_UNSUPPORTED',
      `Source ${place.name} mixes files with standard input or S3`,
      {
        hint: 'Give each its own source: files may share one, `-` and `s3://…` stand alone.',
      },
    )
  }
  return createFileSource({ path: places, root: place.root })
}

async function openProfileApi(
  config: ProfileApi,
  environment: NormalisedEnvironment,
  place: SourcePlace,
): Promise<Source> {
  const { createPacer, createProfileApi, createProfileApiSource } =
    await import('@engage-sync/segment')
  const { segment } = environment
  if (segment === null || segment.profileApiToken === null) {
    throw new SyncError(
      'SOURCE_NEEDS_SEGMENT',
      `Source ${place.name} asks the Profile API, and its environment has no token for it`,
      {
        hint: 'Add `segment: { space_id: …, profile_api_token: "${SEGMENT_PROFILE_API_TOKEN}" }` to the environment.',
      },
    )
  }
  const {
    users,
    column,
    id_type: idType,
    requests_per_second: requestsPerSecond,
  } = config.profile_api
  const api = createProfileApi({
    spaceId: segment.spaceId,
    token: segment.profileApiToken,
    region: segment.region,
    pacer:
      requestsPerSecond === undefined
        ? sharedPacer(environment, createPacer)
        : createPacer(requestsPerSecond),
  })
  return createProfileApiSource({
    api,
    users: { file: resolve(place.root, users), ...(column === undefined ? {} : { column }) },
    keys: place.keys,
    spoolDirectory: spoolOf(place),
    ...(idType === undefined ? {} : { idType }),
  })
}

const pacers = new WeakMap<NormalisedEnvironment, Pacer>()

/**
 * One pacer for all sources of an environment: Segment counts the requests of a space, whoever
 * sends them.
 */
function sharedPacer(environment: NormalisedEnvironment, create: () => Pacer): Pacer {
  const pacer = pacers.get(environment) ?? create()
  pacers.set(environment, pacer)
  return pacer
}
