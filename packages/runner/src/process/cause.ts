import type { Cause } from '@engage-sync/core'
import { isDiskFull } from './disk-full.ts'
import { isSyncError } from './sync-error.ts'

/** Why a run ended that was asked to: nothing is wrong, and nothing is to be put right. */
export const INTERRUPTED: Cause = {
  code: 'INTERRUPTED',
  message: 'Stopped before it was done; what was in flight is committed',
  hint: 'Run it again: it goes on where this one stopped.',
  place: null,
}

/**
 * What was thrown, as every output tells it.
 *
 * Shape: a `SyncError` in its own words; an abort is `INTERRUPTED`, a full disk `OUTPUT_FULL`, all else `INTERNAL`, of
 * which only the name is told: its text may quote what it choked on, and that may be somebody's data.
 */
export function causeOf(error: unknown): Cause {
  if (isSyncError(error)) {
    const { code, message, hint = null, place = null } = error
    return { code, message, hint, place }
  }
  if (isDiskFull(error)) {
    const message = `A file could not be written: its disk is full (${error.code})`
    return {
      code: 'OUTPUT_FULL',
      message,
      hint: 'Free some space, then run again: what was committed before holds.',
      place: null,
    }
  }
  if (error instanceof Error && error.name === 'AbortError') return INTERRUPTED
  const name = error instanceof Error ? error.name : typeof error
  const code = error instanceof Error && 'code' in error ? ` (${String(error.code)})` : ''
  return {
    code: 'INTERNAL',
    message: `Unexpected ${name}${code}. This is a mistake of engage-sync.`,
    hint: 'Please report it; ENGAGE_SYNC_DEBUG=1 shows more.',
    place: null,
  }
}
