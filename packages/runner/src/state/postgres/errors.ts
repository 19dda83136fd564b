import { SyncError } from '@engage-sync/core'
import {
  full,
  notInitialised,
  readOnly,
  StateError,
  unavailable,
  unreadable,
} from '../format/errors.ts'

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

const LOCK_NOT_AVAILABLE = '55P03'
const TOO_MANY_CONNECTIONS = '53300'
const NO_SUCH_DATABASE = '3D000'
/**
 * How Node tells that a certificate is not to be trusted.
 *
 * @see https://nodejs.org/api/tls.html#x509-certificate-error-codes
 */
const CERTIFICATE = /CERT|SELF_SIGNED|ISSUER|VERIFY/

/**
 * What is wrong where the server was reached, or could be, and trying again helps nobody; null for
 * anything else.
 */
function refusalOf(error: unknown, code: string, place: string): StateError | null {
  if (code === NO_SUCH_DATABASE) {
    return unavailable(
      `PostgreSQL at ${place} has no such database`,
      'Make it with CREATE DATABASE, or correct state.url.',
    )
  }
  if (code === TOO_MANY_CONNECTIONS) {
    return unavailable(
      `PostgreSQL at ${place} has no free connection`,
      'Try again when it is less busy, or raise its limit.',
    )
  }
  if (code === LOCK_NOT_AVAILABLE) {
    return unavailable(
      `PostgreSQL at ${place} waited too long for a lock`,
      'Try again when it is less busy.',
    )
  }
  if (code === 'ENOENT' || code === 'EACCES') {
    return unavailable(
      `A certificate file that state.url names cannot be read (${code})`,
      'Check the paths of sslrootcert, sslcert and sslkey.',
    )
  }
  if (CERTIFICATE.test(code)) {
    return unavailable(
      `PostgreSQL at ${place} shows a certificate that is not trusted (${code})`,
      'Name the authority that signed it: sslrootcert=PATH in state.url.',
    )
  }
  if (error instanceof Error && error.message === NO_TLS) {
    return unavailable(
      `PostgreSQL at ${place} does not speak TLS`,
      'Switch it on at the server, or leave sslmode out of state.url.',
    )
  }
  return null
}

/** The driver's own words; it gives no code. */
const NO_TLS = 'The server does not support SSL connections'

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
  const refusal = refusalOf(error, code, place)
  if (refusal !== null) return refusal
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
  if (code.startsWith('28')) {
    return new StateError(
      'STATE_AUTH',
      `PostgreSQL at ${place} refused user or password (SQLSTATE ${code})`,
      {
        hint: 'Check user and password in state.url.',
      },
    )
  }
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
