import { isSyncError } from '../../process/sync-error.ts'
import { openState } from './open-state.ts'
import type { OpenStateOptions } from './open-state.ts'

/**
 * Whether an environment has a state that may be used.
 *
 * @throws {SyncError} `STATE_…` for one that is there, but may not be used
 */
export async function stateExists(
  options: Omit<OpenStateOptions, 'create' | 'rebind'>,
): Promise<boolean> {
  try {
    await (await openState({ ...options, create: 'never' })).close()
    return true
  } catch (error) {
    if (isSyncError(error) && error.code === 'STATE_NOT_INITIALISED') return false
    throw error
  }
}
