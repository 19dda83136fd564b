import type { Fleet, FleetWorker, StateStore } from '@engage-sync/core'
import { epochOf } from '../values/configuration.ts'
import type { FleetConfiguration } from '../values/configuration.ts'

/** A worker, and the partitions that are its own. */
export interface WorkerShare extends FleetWorker {
  /** Ascending. */
  readonly partitions: readonly number[]
  /** Which configuration it has, counted from the first; 0 where it is one that others left behind. */
  readonly configuration: number
}

/** Who works on what, by name. */
export function sharesOf(
  { workers, owners }: Fleet,
  newest: FleetConfiguration,
): readonly WorkerShare[] {
  return workers.map((worker) => ({
    ...worker,
    configuration: epochOf(newest, worker.fingerprint),
    partitions: owners
      .filter((owner) => owner.worker === worker.worker)
      .map(({ partition }) => partition),
  }))
}

/** Partitions that are nobody's though somebody works, ascending: they were given back, or their worker is gone. */
export function unownedOf({ workers, owners }: Fleet): readonly number[] {
  if (workers.length === 0) return []
  return owners.filter(({ worker }) => worker === null).map(({ partition }) => partition)
}

/** The epoch that whoever writes beside somebody else's work goes by; null while nobody works. */
export async function currentEpoch(store: StateStore): Promise<number | null> {
  const lease = await store.currentLease()
  if (lease !== null) return lease.epoch
  const { workers, epoch } = await store.fleet()
  return workers.length === 0 ? null : epoch
}
