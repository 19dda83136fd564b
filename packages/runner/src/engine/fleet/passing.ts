import { isSyncError } from '../../process/sync-error.ts'
import { OutOfLine } from '../stream/index.ts'

const PASSING = new Set(['STATE_LEASE_LOST', 'STATE_LEASE_HELD', 'SERVE_NOT_HANDED_OVER'])

/** What ends with another try to join: it was lost, or somebody else is to work alone. */
export function isPassing(error: unknown): boolean {
  if (error instanceof OutOfLine) return true
  return isSyncError(error) && PASSING.has(error.code)
}

/** Null where somebody holds the lease. @throws whatever else it was */
export function heldBySomebody(error: unknown): null {
  if (isSyncError(error) && error.code === 'STATE_LEASE_HELD') return null
  throw error
}
