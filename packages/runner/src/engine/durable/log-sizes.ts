import type { CommitGroup, OpenPartition, StateStore } from '@engage-sync/core'

/** A partition with more deltas than this has some merged. */
const MOST_DELTAS = 200
/** So many are merged at least, so that not every window merges some. */
const LEAST_MERGED = MOST_DELTAS / 2
/** Fewer bytes of deltas are not worth a snapshot. */
const MIN_DELTA_BYTES = 4096

/** What a state holds of one partition, bytes. */
interface LogSize {
  snapshotBytes: number
  deltaBytes: number
  /** Oldest first. */
  deltas: number[]
}

/** Some of the newest deltas of a partition. */
export type Merge = NonNullable<CommitGroup['merges']>[number]

/**
 * How large the log of each partition is: read once, and kept up with what is committed.
 *
 * Decides by bytes when a partition is worth a snapshot, so that what is written stays in proportion
 * to what changes; and merges deltas where they are many, so that what is read stays few.
 */
export class LogSizes {
  readonly #sizes = new Map<number, LogSize>()

  /** Those of a state. */
  static async read(store: Pick<StateStore, 'sizes'>): Promise<LogSizes> {
    const logs = new LogSizes()
    for (const { partition, deltas, ...size } of await store.sizes())
      logs.#sizes.set(partition, { ...size, deltas: [...deltas] })
    return logs
  }

  /** Something was committed. */
  note({ merges = [], snapshots = [], deltas = [] }: Omit<CommitGroup, 'epoch'>): void {
    for (const merge of merges) this.#merge(merge)
    for (const { partition, bytes } of snapshots)
      this.#sizes.set(partition, { snapshotBytes: bytes.length, deltaBytes: 0, deltas: [] })
    for (const { partition, bytes } of deltas) {
      const size = this.#of(partition)
      size.deltas.push(bytes.length)
      size.deltaBytes += bytes.length
    }
  }

  /** Whether the deltas outweigh half of the rows, with those of rows that are still to be written. */
  isGrown(open: OpenPartition): boolean {
    const { number, rows, layout, stored } = open.rows
    if (stored !== null) return false
    const { snapshotBytes, deltaBytes } = this.#of(number)
    const bytes = deltaBytes + open.unwritten.length * layout.rowBytes
    return bytes > MIN_DELTA_BYTES && bytes > Math.max(snapshotBytes, rows * layout.rowBytes) / 2
  }

  /** What is to be merged of each partition that has many deltas. */
  merges(): readonly Merge[] {
    return [...this.#sizes.keys()].flatMap((partition) => this.#mergeOf(partition) ?? [])
  }

  /**
   * What is to be merged of a partition, or null: half of its deltas, and beyond those each that is
   * no larger than all newer ones together. Each byte is so written again once for each doubling.
   */
  #mergeOf(partition: number): Merge | null {
    const { deltas } = this.#of(partition)
    if (deltas.length <= MOST_DELTAS) return null
    let bytes = 0
    let count = 0
    for (const length of deltas.toReversed()) {
      if (count >= LEAST_MERGED && length > bytes) break
      bytes += length
      count++
    }
    return { partition, deltas: count }
  }

  #merge({ partition, deltas: count }: Merge): void {
    const { deltas } = this.#of(partition)
    const merged = deltas.splice(-count).reduce((sum, length) => sum + length, 0)
    deltas.push(merged)
  }

  #of(partition: number): LogSize {
    let size = this.#sizes.get(partition)
    if (size === undefined)
      this.#sizes.set(partition, (size = { snapshotBytes: 0, deltaBytes: 0, deltas: [] }))
    return size
  }
}
