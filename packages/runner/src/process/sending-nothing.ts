import { SyncError } from '@engage-sync/core'

/**
 * Does something that sends nothing: where somebody stops it nothing was in flight, and it begins
 * anew.
 *
 * @throws {SyncError} `INTERRUPTED` where it was stopped
 * @throws what `work` throws
 */
export async function sendingNothing<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    if (!(error instanceof Error) || error.name !== 'AbortError') throw error
    throw new SyncError('INTERRUPTED', 'Stopped before it was done; nothing was sent', {
      hint: 'Run it again.',
      cause: error,
    })
  }
}
