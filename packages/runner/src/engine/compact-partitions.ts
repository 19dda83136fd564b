import { writeSnapshot } from '@engage-sync/core'
import type { Lease, OpenRows, StateStore } from '@engage-sync/core'
import { killPoint } from './kill-points.ts'

/** A partition with more deltas than this, or more bytes of them than half its snapshot, gets a new snapshot. */
const MAX_DELTAS = 200
/** Fewer bytes of deltas are not worth a snapshot. */
const MIN_DELTA_BYTES = 4096

/** Writes snapshots of open partitions whose deltas have grown, so that the next start reads little. */
export async function compactPartitions(store: StateStore, rows: OpenRows, lease: () => Lease): Promise<void> {
  for (const { partition, snapshotBytes, deltaBytes, deltas } of await store.sizes()) {
    const open = rows.partitions[partition]
    const hasGrown = deltas > MAX_DELTAS || (deltaBytes > MIN_DELTA_BYTES && deltaBytes > snapshotBytes / 2)
    if (open === undefined || !hasGrown) continue
    killPoint('before-snapshot')
    await store.commit({ epoch: lease().epoch, snapshots: [{ partition, bytes: writeSnapshot(open.rows) }] })
    open.durableRows = open.rows.rows
    killPoint('after-snapshot')
  }
}
