import type { Destination, Sent, SyncError } from '@engage-sync/core'

/** What one call of the destination came to. */
export interface SentCall {
  /** HTTP requests made. */
  readonly requests: number
  /** How many of them were repeated. */
  readonly retries: number
  /** Objects answered. */
  readonly updates: number
  /** Objects a success left out of its counts. */
  readonly uncounted?: number
  /** What ended some of its parts and concerns more than them. */
  readonly error?: SyncError
}

/** How a run's requests leave: where to, until when, and who counts them. */
export interface Sending {
  readonly destination: Destination
  readonly run: number
  /** Aborted: nothing more is started. */
  readonly signal: AbortSignal
  /** Aborted: what is in flight is given up. */
  readonly sendSignal: AbortSignal
  /** Told of every call, however it ended. */
  readonly onSent: (sent: SentCall) => void
  /** @param ms - milliseconds */
  readonly wait: (ms: number, signal: AbortSignal) => Promise<void>
}

/** Tells what a call came to. @param updates - objects it carried */
export function tellSent(
  { onSent }: Pick<Sending, 'onSent'>,
  { outcomes, requests, retries, uncounted = 0 }: Sent,
  updates: number,
): void {
  const failed = outcomes.find((outcome) => 'error' in outcome && outcome.error !== undefined)
  const error = failed !== undefined && 'error' in failed ? failed.error : undefined
  onSent({ requests, retries, updates, uncounted, ...(error !== undefined && { error }) })
}

/** A call that carries no objects, counted however it ends. @throws what the call throws */
export async function countedCall(
  sending: Pick<Sending, 'onSent'>,
  call: Promise<Sent>,
): Promise<Sent> {
  const sent = await countFailed(sending, call)
  tellSent(sending, sent, 0)
  return sent
}

/** Counts the requests of a call that throws. @throws what the call throws */
export async function countFailed(
  sending: Pick<Sending, 'onSent'>,
  call: Promise<Sent>,
): Promise<Sent> {
  try {
    return await call
  } catch (error) {
    const requests = requestsOf(error)
    if (requests > 0) sending.onSent({ requests, retries: requests - 1, updates: 0 })
    throw error
  }
}

/** HTTP requests made for a call that threw; 0 where the destination does not say. */
function requestsOf(error: unknown): number {
  return error instanceof Error && 'requests' in error && typeof error.requests === 'number'
    ? error.requests
    : 0
}
