import { accessSync, constants, mkdirSync } from 'node:fs'
import type * as Segment from '@engage-sync/segment'
import { SyncError } from '@engage-sync/core'
import type { DecodePlan, Destination, NormalisedEnvironment, RowDecoder } from '@engage-sync/core'
import { guarded } from '../state/sqlite/errors.ts'
import { sharedPace } from './shared-pace.ts'
import type { RateSharing } from './shared-pace.ts'
import { announcedSimulator, announceSimulator, simulatorStore } from './simulator-place.ts'
import { watchDrops } from './simulator-drops.ts'
import { isSyncError } from '../process/sync-error.ts'

/** Where things of an environment live on this machine. */
export interface Place {
  /** Absolute; relative paths of the configuration start here. */
  readonly root: string
  /** Absolute; state, spool and simulator of the environment. */
  readonly directory: string
  readonly stdin: AsyncIterable<Uint8Array>
  /** Others may use the simulator that is started here, for as long as it is up. Default: nobody. */
  readonly sharesSimulator?: boolean
}

/** A destination with what must be closed after it. */
export interface OpenDestination {
  readonly destination: Destination
  /** Where it is, for messages; no secrets. */
  readonly url: string
  close(): Promise<void>
}

/** Makes the decoder of a run's records. This file and `open-source.ts` alone name the adapters. */
export async function loadDecoder(): Promise<(plan: DecodePlan) => RowDecoder> {
  const { createRowDecoder } = await import('@engage-sync/segment')
  return createRowDecoder
}

/** Decodes chunks on a thread of their own. */
export async function loadDecodeAhead(): Promise<typeof Segment.decodeAhead> {
  const { decodeAhead } = await import('@engage-sync/segment')
  return decodeAhead
}

/** Takes events out of what Segment's transports wrap them in. */
export async function loadUnwrap(): Promise<typeof Segment.unwrap> {
  const { unwrap } = await import('@engage-sync/segment')
  return unwrap
}
/** What the runner uses of Segment's Public API. */
export type SpaceTools = Pick<
  typeof Segment,
  'createPublicApi' | 'compareWithSpace' | 'compareSizes' | 'describeComputation' | 'starterYaml'
>

/** Segment's Public API, and what this project makes of it; loaded when a command asks Segment about its space. */
export async function loadSpaceTools(): Promise<SpaceTools> {
  const { createPublicApi, compareWithSpace, compareSizes, describeComputation, starterYaml } =
    await import('@engage-sync/segment')
  return { createPublicApi, compareWithSpace, compareSizes, describeComputation, starterYaml }
}

/** A destination to pack requests with, as the environment's would; nothing can be sent through it, and it needs no secrets. */
export async function openPacking({ braze }: NormalisedEnvironment): Promise<Destination> {
  const { createBrazeDestination } = await import('@engage-sync/braze')
  const partner =
    braze.cohorts?.partner ?? (braze.endpoint === 'simulator' ? SIMULATOR_PARTNER.partner : null)
  const cohorts = partner === null ? null : { ...SIMULATOR_PARTNER, partner }
  return createBrazeDestination({ endpoint: NOWHERE, apiKey: 'none', batch: braze.batch, cohorts })
}

/** A name that never resolves (RFC 6761). */
const NOWHERE = 'https://nowhere.invalid'
const SIMULATOR_KEY = 'simulator'
const SIMULATOR_PARTNER = {
  partner: 'simulator',
  partnerApiKey: 'simulator',
  clientSecret: 'simulator',
}

/**
 * Opens the destination of an environment; `endpoint: simulator` starts one beside the local state.
 *
 * @param sharing - this process among others that send to the same Braze. Default: it is the only one
 * @throws {SyncError} `CONFIG_BRAZE_KEY` when a real endpoint has no key
 */
export async function openDestination(
  environment: NormalisedEnvironment,
  place: Place,
  sharing?: RateSharing,
): Promise<OpenDestination> {
  const { braze } = environment
  const { createBrazeDestination } = await import('@engage-sync/braze')
  const { batch, requestsPerSecond, settleMs, verifyAfterMs } = braze
  const pace = sharing === undefined ? {} : { pace: await sharedPace(sharing, requestsPerSecond) }
  const shared = { batch, requestsPerSecond, settleMs, verifyAfterMs, ...pace }
  if (braze.endpoint !== 'simulator') {
    const cohorts =
      braze.cohorts === null
        ? null
        : {
            partner: braze.cohorts.partner,
            partnerApiKey: braze.cohorts.partnerApiKey,
            clientSecret: braze.cohorts.dataImportKey,
          }
    const destination = createBrazeDestination({
      ...shared,
      endpoint: braze.endpoint,
      apiKey: braze.apiKey ?? '',
      cohorts,
    })
    return { destination, url: braze.endpoint, close: () => destination.close() }
  }
  const simulator = await reachSimulator(place)
  const destination = createBrazeDestination({
    ...shared,
    settleMs: Math.min(settleMs, SIMULATOR_SETTLE_MS),
    verifyAfterMs: Math.min(verifyAfterMs, SIMULATOR_SETTLE_MS),
    endpoint: simulator.url,
    apiKey: SIMULATOR_KEY,
    cohorts: SIMULATOR_PARTNER,
  })
  return {
    destination: { ...destination, dropped: await watchDrops(simulator.url) },
    url: simulator.url,
    close: async () => {
      await destination.close()
      await simulator.close()
    },
  }
}

/**
 * The environment's simulator: the one `engage-sync simulator` keeps up, else one for as long as this lasts.
 *
 * @throws {SyncError} `STATE_LEASE_HELD` while another command has one for itself
 */
async function reachSimulator({
  directory,
  sharesSimulator = false,
}: Pick<Place, 'directory' | 'sharesSimulator'>): Promise<{
  readonly url: string
  close(): Promise<void>
}> {
  makeWritable(directory)
  const { startSimulator } = await import('@engage-sync/braze-simulator')
  try {
    const simulator = await startSimulator({ store: simulatorStore(directory) })
    if (!sharesSimulator) return simulator
    const takeBack = announceSimulator(directory, simulator.url)
    const close = async () => {
      takeBack()
      await simulator.close()
    }
    return { url: simulator.url, close }
  } catch (error) {
    if (!isSyncError(error) || error.code !== 'SIMULATOR_STORE_BUSY') throw error
    const url = announcedSimulator(directory)
    if (url !== null) return { url, close: async () => undefined }
    throw new SyncError(
      'STATE_LEASE_HELD',
      'Another command is at work in this environment, and has its simulator',
      {
        hint: 'Wait until it is done. Several commands can share one that `engage-sync simulator` keeps up in another terminal.',
        cause: error,
      },
    )
  }
}

/** @throws {StateError} `STATE_READ_ONLY`, where the simulator could keep nothing */
function makeWritable(directory: string): void {
  guarded(directory, () => {
    mkdirSync(directory, { recursive: true, mode: 0o700 })
    accessSync(directory, constants.W_OK)
  })
}

/** A simulator that stays up, and how to reach it. */
export interface RunningSimulator {
  readonly about: {
    readonly url: string
    readonly api_key: string
    readonly partner: string
    readonly partner_api_key: string
    readonly client_secret: string
  }
  close(): Promise<void>
}

/**
 * Starts a simulator, over the store in a directory (which others are told of) or in memory alone (null).
 *
 * @throws {SimulatorError} `SIMULATOR_PORT`, `SIMULATOR_STORE`, `SIMULATOR_STORE_BUSY`
 */
export async function openSimulator(options: {
  readonly directory: string | null
  readonly port: number
}): Promise<RunningSimulator> {
  const { directory, port } = options
  const { startSimulator } = await import('@engage-sync/braze-simulator')
  const simulator = await startSimulator({
    port,
    ...(directory === null ? {} : { store: simulatorStore(directory) }),
  })
  const takeBack =
    directory === null ? () => undefined : announceSimulator(directory, simulator.url)
  const { partner, partnerApiKey, clientSecret } = SIMULATOR_PARTNER
  return {
    about: {
      url: simulator.url,
      api_key: SIMULATOR_KEY,
      partner,
      partner_api_key: partnerApiKey,
      client_secret: clientSecret,
    },
    close: async () => {
      takeBack()
      await simulator.close()
    },
  }
}

/** The simulator applies within 50 ms; waiting as long as for Braze would teach nothing. Milliseconds. */
const SIMULATOR_SETTLE_MS = 200
