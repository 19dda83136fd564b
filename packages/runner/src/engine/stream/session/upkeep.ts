import type { Lease, OpenRows, StateStore } from '@engage-sync/core'
import { isSyncError } from '../../../process/sync-error.ts'
import { tryToPurge } from '../../../state/actions/purge.ts'
import { compactPartitions, grownPartitions } from '../../durable/index.ts'

/** How often it is looked for partitions whose log has grown, milliseconds. */
const COMPACT_MS = 10_000

/**
 * Deltas of a partition between two snapshots, at most: a window writes a small one to many
 * partitions, and a snapshot is all of one.
 */
const MAX_DELTAS = 5000

/** Keeps the state of a stream small while it goes on. */
export class Upkeep {
  readonly #store: StateStore
  readonly #lease: () => Lease
  #compactedMs = performance.now()

  constructor(store: StateStore, lease: () => Lease) {
    this.#store = store
    this.#lease = lease
  }

  /**
   * Rewrites the log of partitions where it has grown; looks for them now and then.
   *
   * @param busy - partitions in which something is under way
   */
  async compact(rows: OpenRows, busy: ReadonlySet<number>): Promise<void> {
    if (performance.now() - this.#compactedMs < COMPACT_MS) return
    this.#compactedMs = performance.now()
    const grown = await grownPartitions(this.#store, rows, MAX_DELTAS)
    const free = grown.filter((open) => !busy.has(open.rows.number))
    await compactPartitions(this.#store, free, this.#lease)
  }

  /** Rewrites files that still hold users who were erased, and drops letters that expired. */
  async tidy(nowMs: number): Promise<void> {
    const prevented = await tryToPurge(this.#store, () => this.#lease().epoch)
    if (isSyncError(prevented) && prevented.code === 'STATE_LEASE_LOST') throw prevented
    await this.#store.expireDeadLetters(this.#lease().epoch, nowMs)
  }
}
