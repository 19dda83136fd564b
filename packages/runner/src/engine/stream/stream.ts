import type { StreamSource } from '@engage-sync/core'
import { SyncError } from '@engage-sync/core'
import { fingerprintOfAll } from '../../state/values/configuration.ts'
import { takeLease } from '../durable/index.ts'
import type { HeldLease } from '../durable/index.ts'
import { settleRollout } from '../mappings/index.ts'
import type { StreamOptions } from './terms/index.ts'
import { WindowStream } from './window-stream.ts'
import type { Stream } from './window-stream.ts'

/**
 * Takes the environment's lease for a stream. Nothing is read before it runs.
 *
 * @throws {SyncError} `STATE_LEASE_HELD`, `STATE_UNAVAILABLE` and what else keeps it from starting
 */
export async function openStream(options: StreamOptions): Promise<Stream> {
  const streams = namedStreams(options)
  const { store, syncs, waitForLeaseMs: waitMs = 0, leaseTtlMs: ttlMs, signal } = options
  const lease = await takeLease(store, { waitMs, ttlMs, command: 'serve', signal })
  try {
    await settleRollout(store, lease.current, fingerprintOfAll(syncs))
  } catch (error) {
    await lease.release()
    throw error
  }
  return new WindowStream(options, streams, lease)
}

/** The same under what somebody else took; it is released at the end all the same. */
export function streamUnder(lease: HeldLease, options: StreamOptions): Stream {
  return new WindowStream(options, namedStreams(options), lease)
}

/** By the name the syncs use. */
function namedStreams({ sources, streams }: StreamOptions): ReadonlyMap<string, StreamSource> {
  const names = new Map([...sources].map(([name, source]) => [source, name]))
  return new Map(
    streams.map((stream) => {
      const name = names.get(stream)
      if (name === undefined) throw new SyncError('INTERNAL', `No sync's source: ${stream.name}`)
      return [name, stream] as const
    }),
  )
}
