import { isSyncError } from '../../process/sync-error.ts'
import { openState } from './open-state.ts'
import type { StatePlace } from './open-state.ts'

/**
 * Whether an environment has a state that may be used.
 *
 * @throws {SyncError} `STATE_…` for one that is there, but may not be used
 */
export async function stateExists(options: StatePlace): Promise<boolean> {
  try {
    await (await openState({ ...options, create: 'never', access: 'read' })).close()
    return true
  } catch (error) {
    if (isSyncError(error) && error.code === 'STATE_NOT_INITIALISED') return false
    throw error
  }
}
