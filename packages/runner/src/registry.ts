import { join } from 'node:path'
import type * as Segment from '@engage-sync/segment'
import type { DecodePlan, Destination, NormalisedEnvironment, RowDecoder } from '@engage-sync/core'

/** Where things of an environment live on this machine. */
export interface Place {
  /** Absolute; relative paths of the configuration start here. */
  readonly root: string
  /** Absolute; state, spool and simulator of the environment. */
  readonly directory: string
  readonly stdin: AsyncIterable<Uint8Array>
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
  const { createPublicApi, compareWithSpace, compareSizes, describeComputation, starterYaml } = await import('@engage-sync/segment')
  return { createPublicApi, compareWithSpace, compareSizes, describeComputation, starterYaml }
}

/**
 * Opens the destination of an environment; `endpoint: simulator` starts one beside the local state.
 *
 * @throws {SyncError} `CONFIG_BRAZE_KEY` when a real endpoint has no key
 */
export async function openDestination(environment: NormalisedEnvironment, place: Place): Promise<OpenDestination> {
  const { braze } = environment
  const { createBrazeDestination } = await import('@engage-sync/braze')
  const shared = { batch: braze.batch, requestsPerSecond: braze.requestsPerSecond, settleMs: braze.settleMs }
  if (braze.endpoint !== 'simulator') {
    const cohorts =
      braze.cohorts === null
        ? null
        : { partner: braze.cohorts.partner, partnerApiKey: braze.cohorts.partnerApiKey, clientSecret: braze.cohorts.dataImportKey }
    const destination = createBrazeDestination({ ...shared, endpoint: braze.endpoint, apiKey: braze.apiKey ?? '', cohorts })
    return { destination, url: braze.endpoint, close: () => destination.close() }
  }
  const { startSimulator } = await import('@engage-sync/braze-simulator')
  const simulator = await startSimulator({ store: join(place.directory, 'simulator.ndjson') })
  const destination = createBrazeDestination({
    ...shared,
    settleMs: Math.min(braze.settleMs, SIMULATOR_SETTLE_MS),
    endpoint: simulator.url,
    apiKey: 'simulator',
    cohorts: { partner: 'simulator', partnerApiKey: 'simulator', clientSecret: 'simulator' },
  })
  return {
    destination,
    url: simulator.url,
    close: async () => {
      await destination.close()
      await simulator.close()
    },
  }
}

/** The simulator applies within 50 ms; waiting as long as for Braze would teach nothing. Milliseconds. */
const SIMULATOR_SETTLE_MS = 200
