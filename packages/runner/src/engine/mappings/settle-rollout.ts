import type { StateStore } from '@engage-sync/core'
import { fleetConfiguration } from '../../state/values/configuration.ts'
import { BEHIND } from './tracked-mapping.ts'

/**
 * Ends a rollout that was under way, for whoever works alone with another configuration: what it
 * touched is brought in line anew, since some partitions have it and the records of the state do not.
 *
 * The one that was rolled out goes on where it was: to it the state is as after a run that was cut
 * off.
 *
 * @param lease - `epoch`: of the lease the caller holds
 * @param fingerprint - of the caller's syncs
 */
export async function settleRollout(
  store: StateStore,
  { epoch }: { readonly epoch: number },
  fingerprint: string,
): Promise<void> {
  const current = await fleetConfiguration.read(store)
  if (current.rollout === null || current.fingerprint === fingerprint) return
  const touched = new Set(current.rollout.touched)
  const records = (await store.mappings()).filter(({ id }) => touched.has(id))
  await store.commit({
    epoch,
    mappings: records.map((record) => ({ ...record, fingerprint: BEHIND, readAs: undefined })),
    values: [
      fleetConfiguration.stored({
        epoch: current.epoch + 1,
        fingerprint: '',
        joinsAliases: false,
        rollout: null,
      }),
    ],
  })
}
