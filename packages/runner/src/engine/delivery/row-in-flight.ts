import type { OpenPartition, RowUpdate } from '@engage-sync/core'

/** A row some of whose changes are on their way. */
export interface RowState {
  readonly open: OpenPartition
  readonly row: number
  /** Parts not answered yet. */
  unanswered: number
  /** Some part was neither delivered nor refused. */
  failed: boolean
}

/**
 * A row whose attributes and events are on their way: what their outcome will be about. Their texts
 * are in the request, and thousands of rows are on their way at once.
 */
export interface RowInFlight extends RowState {
  readonly attributeEntries: RowUpdate['attributeEntries']
  /** By the events' `ref`. */
  readonly eventEntries: RowUpdate['eventEntries']
  readonly hasMemberships: boolean
  /** Some of it is a reason for the user to exist; the rest goes to existing users only. */
  readonly isReason: boolean
  /** The attributes object was refused for one field: the rest goes once more. */
  again: boolean
  /**
   * Its delivered attributes are in the rows and not yet in the next commit: the row's end writes
   * them.
   */
  unwritten: boolean
}
