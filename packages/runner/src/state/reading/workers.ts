import type { Fleet, FleetWorker, StateStore } from '@engage-sync/core'

/** A worker, and the partitions that are its own. */
export interface WorkerShare extends FleetWorker {
  /** Ascending. */
  readonly partitions: readonly number[]
}

/** Who works on what, by name. */
export function sharesOf({ workers, owners }: Fleet): readonly WorkerShare[] {
  return workers.map((worker) => ({
    ...worker,
    partitions: owners
      .filter((owner) => owner.worker === worker.worker)
      .map(({ partition }) => partition),
  }))
}

/** The epoch that whoever writes beside somebody else's work goes by; null while nobody works. */
export async function currentEpoch(store: StateStore): Promise<number | null> {
  const lease = await store.currentLease()
  if (lease !== null) return lease.epoch
  const { workers, epoch } = await store.fleet()
  return workers.length === 0 ? null : epoch
}
