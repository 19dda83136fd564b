import { SyncError } from '@engage-sync/core'
import {
  full,
  notInitialised,
  readOnly,
  StateError,
  unavailable,
  unreadable,
} from '../../format/errors.ts'
import { refusalOf } from './refusals.ts'

const CANCELLED = '57014'

/**
 * SQLSTATEs after which the connection is gone, or was never made: shutdown, crash, starting up, no
 * slot.
 */
const LOST = /^(08...|57P0[1-5]|53300)$/

/** SQLSTATE or system code of an error; empty when it has none. */
function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error && typeof error.code === 'string'
    ? error.code
    : ''
}

function isSqlState(code: string): boolean {
  return /^[0-9A-Z]{5}$/.test(code) && /\d/.test(code)
}

/** SQLSTATEs of a prepared statement that is not there, or is there already. */
const UNPREPARED: readonly string[] = ['26000', '42P05']

/**
 * Whether a prepared statement was refused for being none, or one that somebody else prepared: a
 * pool between here and the server deals out connections. Nothing of it ran.
 *
 * @see https://www.pgbouncer.org/config.html#max_prepared_statements
 */
export function isUnprepared(error: unknown): boolean {
  return UNPREPARED.includes(codeOf(error))
}

/** Whether a statement was undone since it and another one waited for each other; it may be sent again. */
export function isDeadlock(error: unknown): boolean {
  return codeOf(error) === '40P01'
}

/** Whether somebody else added the same record meanwhile. */
export function isAdded(error: unknown): boolean {
  return codeOf(error) === '23505'
}

function isOurMistake(error: unknown): boolean {
  return error instanceof TypeError || error instanceof RangeError || error instanceof SyntaxError
}

/**
 * Whether an error says that the connection is lost, so that nobody knows what became of the
 * statement.
 */
export function isLost(error: unknown): boolean {
  if (error instanceof SyncError || isOurMistake(error)) return false
  const code = codeOf(error)
  return !isSqlState(code) || LOST.test(code)
}

/**
 * What a failure of PostgreSQL means.
 *
 * Shape: an error that names the place and the SQLSTATE or system code, never the server's own
 * text, which may quote values.
 *
 * @see https://www.postgresql.org/docs/current/errcodes-appendix.html
 */
export function postgresError(error: unknown, place: string): unknown {
  if (error instanceof SyncError || isOurMistake(error)) return error
  const code = codeOf(error)
  const refusal = refusalOf(error, code)
  if (refusal !== undefined) return refusal.asError(place, code)
  if (isLost(error)) {
    return unavailable(
      `PostgreSQL at ${place} cannot be reached${code === '' ? '' : ` (${code})`}`,
      'Check that it runs and can be reached from here.',
    )
  }
  if (code === CANCELLED)
    return unavailable(
      `PostgreSQL at ${place} took too long for one statement`,
      'Try again when it is less busy.',
    )
  if (code === '3F000' || code === '42P01') return notInitialised(place)
  if (code === '42501')
    return readOnly(
      `The state at ${place}`,
      'Its user lacks a right; docs/state.md has the grants.',
    )
  if (code === '25006')
    return readOnly(
      `The state at ${place}`,
      'The server only reads: a standby, or one in read-only mode.',
    )
  if (code === '53100' || code === '53400') return full()
  if (code.startsWith('XX') || code.startsWith('58'))
    return unreadable(`PostgreSQL reports damage (SQLSTATE ${code})`)
  return new StateError('INTERNAL', `PostgreSQL at ${place} refused a statement (SQLSTATE ${code})`)
}
