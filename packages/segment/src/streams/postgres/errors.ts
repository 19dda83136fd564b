import {
  safeCause,
  safeCode,
  SourceAuthError,
  SourceRequestError,
  SourceUnavailableError,
} from '../../remote/index.ts'
import { errorCode, SourceError } from '../../source/index.ts'

const SERVICE = 'The PostgreSQL log'
/** What is refused for good, by its code: why, and what to do. */
const REQUESTS: ReadonlyMap<string, readonly [reason: string, hint: string]> = new Map([
  ['42501', ['the role lacks a right', 'It needs to make a schema, or to own the one of the log.']],
  ['3D000', ['there is no such database', 'Make it with CREATE DATABASE, or correct state.url.']],
])

/**
 * What a failure of PostgreSQL means.
 *
 * Shape: names SQLSTATE or system code, never the server's own text, which may quote values.
 *
 * @see https://www.postgresql.org/docs/current/errcodes-appendix.html
 */
export function postgresError(error: unknown, what: string): SourceError {
  if (error instanceof SourceError) return error
  const code = safeCode(errorCode(error)) || (isAnswer(error) ? errorCode(error) : '')
  const place = { service: SERVICE, what }
  const cause = safeCause(error)
  if (code.startsWith('28')) {
    const hint = 'Check user and password of state.url.'
    return new SourceAuthError(place, `SQLSTATE ${code}`, hint)
  }
  const asked = REQUESTS.get(code)
  if (asked !== undefined) {
    const [reason, hint] = asked
    return new SourceRequestError(place, `${reason} (SQLSTATE ${code})`, { hint, cause })
  }
  const isFull = code === '53100'
  const hint = isFull ? { hint: 'Make room on the disk of the database.' } : {}
  return new SourceUnavailableError(place, code === '' ? 'the connection was lost' : code, {
    ...hint,
    cause,
  })
}

const NO_TABLE = new Set(['42P01', '3F000'])
/** No partition takes the row. */
const NO_DAY = '23514'

/** Whether the log was not made yet. */
export function isMissing(error: unknown): boolean {
  return NO_TABLE.has(errorCode(error))
}

/** Whether the log, or the day in it, has to be made before something can be appended. */
export function isUnprepared(error: unknown): boolean {
  return isMissing(error) || errorCode(error) === NO_DAY
}

/** Whether the server said it, and not its absence: system codes such as `EPIPE` have no digit. */
export function isAnswer(error: unknown): boolean {
  return /^(?=.*\d)[0-9A-Z]{5}$/u.test(errorCode(error))
}
