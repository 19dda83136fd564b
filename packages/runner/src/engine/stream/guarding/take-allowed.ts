import { allowRequests, streamGuards } from '../../../state/values/stream-guards.ts'
import type { HeldLease } from '../../durable/index.ts'
import type { StreamOptions } from '../terms/index.ts'
import { allowedOf, allowShared } from './fleet-guards.ts'
import { StreamGuards } from './stream-guards.ts'

/**
 * Takes what somebody let pass, durably, while no session is open. Returns what was asked to pass; nothing where
 * nobody asked.
 *
 * @param held - what is held now, for a request that names no membership
 * @throws {SyncError} `STATE_…`
 */
export async function takeAllowed(
  { store, now, share }: Pick<StreamOptions, 'store' | 'now' | 'share'>,
  lease: HeldLease,
  held: readonly string[],
): Promise<readonly string[]> {
  const requests = [...(await allowRequests.readAll(store)).keys()]
  // Another worker may have taken it.
  if (requests.length === 0) return share === undefined ? [] : await allowedOf(share.shared, held)
  const values = requests.map((request) => allowRequests.cleared(request))
  const { epoch } = lease.current
  if (share === undefined) {
    const guards = new StreamGuards(await streamGuards.read(store))
    for (const request of requests) guards.allow(request, now(), held)
    await store.commit({ epoch, values: [...values, ...guards.takeReserved()] })
  } else {
    await allowShared(share.shared, requests, held)
    await store.commit({ epoch, values })
  }
  return requests
}
