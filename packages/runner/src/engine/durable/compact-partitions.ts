import { release, writeSnapshot } from '@engage-sync/core'
import type { CommitGroup, Lease, OpenPartition, StateStore } from '@engage-sync/core'
import { killPoint } from '../../process/kill-points.ts'
import type { LogSizes, Merge } from './log-sizes.ts'

/**
 * Snapshots share a commit up to so many bytes: a commit costs as much as writing some megabytes.
 */
const COMMIT_BYTES = 8 * 2 ** 20

/** What of a state is made smaller. */
export interface Compaction {
  readonly store: StateStore
  readonly lease: () => Lease
  readonly logs: LogSizes
}

/**
 * Writes snapshots of partitions, so that the next start reads little; what was not yet written of
 * their rows is in them.
 */
export async function compactPartitions(
  { store, lease, logs }: Compaction,
  grown: readonly OpenPartition[],
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
    logs.note({ snapshots })
    for (const { bytes } of snapshots) release(bytes)
    for (const open of grown.slice(from, to)) {
      open.durableRows = open.rows.rows
      open.unwritten.length = 0
    }
    killPoint('after-snapshot')
    from = to
  }
}

/** Merges deltas of partitions, so that the next start reads few. */
export async function mergePartitions(
  { store, lease, logs }: Compaction,
  merges: readonly Merge[],
): Promise<void> {
  if (merges.length === 0) return
  await store.commit({ epoch: lease().epoch, merges })
  logs.note({ merges })
}
