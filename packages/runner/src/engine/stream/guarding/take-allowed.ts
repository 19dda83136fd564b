import { allowRequests, streamGuards } from '../../../state/values/stream-guards.ts'
import type { HeldLease } from '../../durable/index.ts'
import type { StreamOptions } from '../terms/index.ts'
import { StreamGuards } from './stream-guards.ts'

/**
 * Takes what somebody let pass, durably, while no session is open. Returns what was asked to pass; nothing where
 * nobody asked.
 *
 * @param held - what is held now, for a request that names no membership
 * @throws {SyncError} `STATE_…`
 */
export async function takeAllowed(
  { store, now }: Pick<StreamOptions, 'store' | 'now'>,
  lease: HeldLease,
  held: readonly string[],
): Promise<readonly string[]> {
  const requests = [...(await allowRequests.readAll(store)).keys()]
  if (requests.length === 0) return []
  const guards = new StreamGuards(await streamGuards.read(store))
  for (const request of requests) guards.allow(request, now(), held)
  await store.commit({
    epoch: lease.current.epoch,
    values: [
      ...requests.map((request) => allowRequests.cleared(request)),
      ...guards.takeReserved(),
    ],
  })
  return requests
}
