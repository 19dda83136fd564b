import type { CommitGroup, Lease, OpenPartition, OpenRows, StateStore } from '@engage-sync/core'
import { isSyncError } from '../../../process/sync-error.ts'
import { tryToPurge } from '../../../state/actions/purge.ts'
import { compactPartitions, LogSizes, mergePartitions } from '../../durable/index.ts'

/** Partitions whose deltas are merged after one window: the next one waits for them. */
const MERGED_AT_ONCE = 8
/**
 * So many windows go by before partitions get a snapshot again, in one commit: as many of them, as
 * long as they are small.
 */
const REWRITTEN_EVERY = 8
const REWRITTEN_BYTES = 2 ** 20

/** Keeps the state of a stream small while it goes on. */
export class Upkeep {
  readonly #store: StateStore
  readonly #lease: () => Lease
  /** Null where they are to be read. */
  #logs: LogSizes | null = null
  /** Windows that went by. */
  #windows = 0
  /** Whose turn it is to be rewritten. */
  #next = 0

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
   * Merges deltas of partitions that have many, a few after each window; and every few windows
   * rewrites some of those whose log outweighs their rows.
   *
   * @param busy - partitions in which something is under way
   */
  async compact(rows: OpenRows, busy: ReadonlySet<number>): Promise<void> {
    const logs = (this.#logs ??= await LogSizes.read(this.#store))
    const compaction = { store: this.#store, lease: this.#lease, logs }
    if (this.#windows++ % REWRITTEN_EVERY === 0)
      await compactPartitions(compaction, this.#someGrown(rows, busy, logs))
    await mergePartitions(compaction, logs.merges().slice(0, MERGED_AT_ONCE))
  }

  /** Rewrites files that still hold users who were erased, and drops letters that expired. */
  async tidy(nowMs: number): Promise<void> {
    const prevented = await tryToPurge(this.#store, () => this.#lease().epoch)
    if (isSyncError(prevented) && prevented.code === 'STATE_LEASE_LOST') throw prevented
    await this.#store.expireDeadLetters({ epoch: this.#lease().epoch }, nowMs)
  }

  /**
   * Partitions that are worth a snapshot now: as many as are small together, and one at least; by
   * turns, since the first may have grown again before the last had its own.
   */
  #someGrown(
    { partitions }: OpenRows,
    busy: ReadonlySet<number>,
    logs: LogSizes,
  ): readonly OpenPartition[] {
    const some: OpenPartition[] = []
    let bytes = 0
    const from = this.#next
    for (let turn = 0; turn < partitions.length && some.length < REWRITTEN_EVERY; turn++) {
      const open = partitions[(from + turn) % partitions.length]
      if (open === undefined || busy.has(open.rows.number) || !logs.isGrown(open)) continue
      bytes += open.rows.rows * open.rows.layout.rowBytes
      if (some.length > 0 && bytes > REWRITTEN_BYTES) break
      some.push(open)
      this.#next = open.rows.number + 1
    }
    return some
  }
}
