import { SyncError } from '@engage-sync/core'
import type { Destination } from '@engage-sync/core'

/** What nothing can be sent without, and the code of an error that says so. */
const NEEDED: ReadonlyMap<string, string> = new Map([
  ['endpoint', 'DESTINATION_UNAVAILABLE'],
  ['key', 'DESTINATION_AUTH'],
])

/**
 * Asks a destination that failed whether it is there, so that nothing is read for one that is not.
 *
 * @throws {SyncError} `DESTINATION_UNAVAILABLE`, `DESTINATION_AUTH`
 */
export async function ensureReachable(
  destination: Destination,
  signal: AbortSignal,
): Promise<void> {
  for (const { name, status, message, hint } of await destination.check(signal)) {
    const code = NEEDED.get(name)
    if (code !== undefined && status === 'failed')
      throw new SyncError(code, message, { ...(hint !== undefined && { hint }) })
  }
}
