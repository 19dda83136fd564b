import type { Destination } from '@engage-sync/core'

/** How a run's requests leave: where to, until when, and who counts them. */
export interface Sending {
  readonly destination: Destination
  readonly run: number
  /** Aborted: nothing more is started. */
  readonly signal: AbortSignal
  /** Aborted: what is in flight is given up. */
  readonly sendSignal: AbortSignal
  /** Told of what was answered: HTTP requests, how many of them were repeated, and objects. */
  readonly onSent: (sent: {
    readonly requests: number
    readonly retries: number
    readonly updates: number
    /** Objects a success left out of its counts. */
    readonly uncounted?: number
  }) => void
  /** @param ms - milliseconds */
  readonly wait: (ms: number, signal: AbortSignal) => Promise<void>
}
