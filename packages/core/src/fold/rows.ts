import { PARTITIONS } from '../state-store.ts'
import type { Layout } from '../rows/layout.ts'
import type { Partition } from '../rows/partition.ts'
import { PendingPool } from './pending.ts'

/** One partition being worked on: its rows, and what is pending in them. */
export interface OpenPartition {
  readonly rows: Partition
  pending: PendingPool
  /** Rows from here on have never been written to the state. */
  durableRows: number
  /** Rows from here on are new in this run. */
  readonly loadedRows: number
  /** Places (`row * columns + column`) whose refused digest must be written. */
  readonly refusedDirty: number[]
  /** Rows that learnt something and have nothing to send; they become durable at the end, in a snapshot where that is less to write. */
  readonly unwritten: number[]
}

/** The partitions a run owns; loaded on first touch, by whoever holds the store. */
export class OpenRows {
  readonly layout: Layout
  readonly partitions: (OpenPartition | undefined)[] = Array.from({ length: PARTITIONS }, () => undefined)

  constructor(layout: Layout) {
    this.layout = layout
  }

  /** Takes a loaded partition in. */
  open(rows: Partition): OpenPartition {
    const partition = { rows, pending: new PendingPool(), durableRows: rows.rows, loadedRows: rows.rows, refusedDirty: [], unwritten: [] }
    partition.pending.ensureRow(rows.rows)
    this.partitions[rows.number] = partition
    return partition
  }

  /** Lets a partition go; what is pending in it is forgotten. */
  close(number: number): void {
    this.partitions[number] = undefined
  }

  /** Bytes of rows and of what is pending. */
  get byteLength(): number {
    return this.partitions.reduce((sum, open) => sum + (open === undefined ? 0 : open.rows.byteLength + open.pending.byteLength), 0)
  }
}
