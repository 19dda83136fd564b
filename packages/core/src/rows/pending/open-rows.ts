import { SyncError } from '@engage-sync/contract'
import { PARTITIONS } from '../../state-store.ts'
import type { Layout } from '../layout.ts'
import { OpenPartition } from './open-partition.ts'
import type { Partition } from '../partition.ts'

/** The partitions a run owns; loaded on first touch, by whoever holds the store. */
export class OpenRows {
  readonly layout: Layout
  readonly partitions: (OpenPartition | undefined)[] = Array.from(
    { length: PARTITIONS },
    () => undefined,
  )

  constructor(layout: Layout) {
    this.layout = layout
  }

  /** Takes a loaded partition in. */
  open(rows: Partition): OpenPartition {
    rows.durableRows = rows.rows
    const partition = new OpenPartition(rows)
    this.partitions[rows.number] = partition
    return partition
  }

  /** Takes in rows that were open before: those that were never written are still new. */
  reopen(rows: Partition): OpenPartition {
    const partition = new OpenPartition(rows)
    this.partitions[rows.number] = partition
    return partition
  }

  /**
   * Takes another look at the rows of an open partition: whoever keeps the former one goes on with
   * what was pending in it.
   */
  renew(number: number): OpenPartition {
    const { rows } = this.at(number)
    return this.reopen(rows)
  }

  /** A partition that is open; whoever found a user in it knows. */
  at(number: number): OpenPartition {
    const partition = this.partitions[number]
    if (partition === undefined) throw new SyncError('INTERNAL', `Partition ${number} is not open`)
    return partition
  }

  /** Lets a partition go; what is pending in it is forgotten. */
  close(number: number): void {
    this.partitions[number] = undefined
  }

  /** Bytes of rows and of what is pending. */
  get byteLength(): number {
    return this.partitions.reduce(
      (sum, open) =>
        sum + (open === undefined ? 0 : open.rows.byteLength + open.pending.byteLength),
      0,
    )
  }
}
