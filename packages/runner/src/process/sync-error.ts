import type { SyncError } from '@engage-sync/core'

/**
 * Whether something thrown is one of this project's own errors.
 *
 * Told by its shape, not by its class: the simulator shares nothing with core, and its errors are
 * no less ours.
 */
export function isSyncError(error: unknown): error is SyncError {
  return (
    error instanceof Error && 'hint' in error && 'code' in error && typeof error.code === 'string'
  )
}
