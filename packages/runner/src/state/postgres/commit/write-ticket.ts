import type { Writer } from '@engage-sync/core'

/** What a write is recognised by afterwards, and what it is void without. */
export interface WriteTicket extends Writer {
  /** Unique; found in the lease, or in the row of the worker, once the write is durable. */
  readonly id: string
  /** Grows whenever an unanswered write is looked for, so that it can no longer happen after that. */
  readonly fence: number
}
