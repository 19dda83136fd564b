import { release, writeSnapshot } from '@engage-sync/core'
import type { CommitGroup, Lease, OpenPartition, OpenRows, StateStore } from '@engage-sync/core'
import { killPoint } from '../../process/kill-points.ts'

/**
 * A partition with more deltas than this, or more bytes of them than half of what its rows take,
 * gets a new snapshot.
 */
const MAX_DELTAS = 200
/** Fewer bytes of deltas are not worth a snapshot. */
const MIN_DELTA_BYTES = 4096
/**
 * Snapshots share a commit up to so many bytes: a commit costs as much as writing some megabytes.
 */
const COMMIT_BYTES = 8 * 2 ** 20

const NOTHING_STORED = { snapshotBytes: 0, deltaBytes: 0, deltas: 0 }

/**
 * Whole open partitions whose deltas have grown, or will by the rows that are still to be written.
 *
 * @param mostDeltas - of a partition, however small they are. Default: 200
 */
export async function grownPartitions(
  store: StateStore,
  rows: OpenRows,
  mostDeltas = MAX_DELTAS,
): Promise<readonly OpenPartition[]> {
  const sizes = new Map((await store.sizes()).map((size) => [size.partition, size]))
  return rows.partitions.filter((open): open is OpenPartition => {
    if (open === undefined || open.rows.stored !== null) return false
    const { snapshotBytes, deltaBytes, deltas } = sizes.get(open.rows.number) ?? NOTHING_STORED
    const { rowBytes } = open.rows.layout
    const bytes = deltaBytes + open.unwritten.length * rowBytes
    return (
      deltas > mostDeltas ||
      (bytes > MIN_DELTA_BYTES && bytes > Math.max(snapshotBytes, open.rows.rows * rowBytes) / 2)
    )
  })
}

/**
 * Writes snapshots of partitions, so that the next start reads little; what was not yet written of
 * their rows is in them.
 */
export async function compactPartitions(
  store: StateStore,
  grown: readonly OpenPartition[],
  lease: () => Lease,
): Promise<void> {
  for (let from = 0; from < grown.length;) {
    const snapshots: NonNullable<CommitGroup['snapshots']>[number][] = []
    let size = 0
    for (const { rows } of grown.slice(from)) {
      const bytes = writeSnapshot(rows)
      snapshots.push({ partition: rows.number, bytes })
      size += bytes.length
      if (size >= COMMIT_BYTES) break
    }
    const to = from + snapshots.length
    killPoint('before-snapshot')
    await store.commit({ epoch: lease().epoch, snapshots })
    for (const { bytes } of snapshots) release(bytes)
    for (const open of grown.slice(from, to)) {
      open.durableRows = open.rows.rows
      open.unwritten.length = 0
    }
    killPoint('after-snapshot')
    from = to
  }
}
