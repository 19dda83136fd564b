import type { CommitGroup, Lease, OpenPartition, OpenRows, StateStore } from '@engage-sync/core'
import { isSyncError } from '../../../process/sync-error.ts'
import { tryToPurge } from '../../../state/actions/purge.ts'
import { compactPartitions, LogSizes, mergePartitions } from '../../durable/index.ts'

/**
 * Partitions whose deltas are merged after one window, and that get a snapshot: the next window
 * waits for them.
 */
const MERGED_AT_ONCE = 8
const REWRITTEN_AT_ONCE = 1

/** Keeps the state of a stream small while it goes on. */
export class Upkeep {
  readonly #store: StateStore
  readonly #lease: () => Lease
  /** Null where they are to be read. */
  #logs: LogSizes | null = null

  constructor(store: StateStore, lease: () => Lease) {
    this.#store = store
    this.#lease = lease
  }

  /** Something was committed. */
  readonly committed = (group: CommitGroup): void => this.#logs?.note(group)

  /** Partitions were written past the books. */
  forgetSizes(): void {
    this.#logs = null
  }

  /**
   * Merges deltas of partitions that have many, and rewrites those whose log outweighs their rows; a
   * few after each window.
   *
   * @param busy - partitions in which something is under way
   */
  async compact(rows: OpenRows, busy: ReadonlySet<number>): Promise<void> {
    const logs = (this.#logs ??= await LogSizes.read(this.#store))
    const compaction = { store: this.#store, lease: this.#lease, logs }
    const grown = rows.partitions.filter(
      (open): open is OpenPartition =>
        open !== undefined && !busy.has(open.rows.number) && logs.isGrown(open),
    )
    await compactPartitions(compaction, grown.slice(0, REWRITTEN_AT_ONCE))
    await mergePartitions(compaction, logs.merges().slice(0, MERGED_AT_ONCE))
  }

  /** Rewrites files that still hold users who were erased, and drops letters that expired. */
  async tidy(nowMs: number): Promise<void> {
    const prevented = await tryToPurge(this.#store, () => this.#lease().epoch)
    if (isSyncError(prevented) && prevented.code === 'STATE_LEASE_LOST') throw prevented
    await this.#store.expireDeadLetters({ epoch: this.#lease().epoch }, nowMs)
  }
}
