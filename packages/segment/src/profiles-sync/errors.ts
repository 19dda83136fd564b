import { errorCode, SourceError } from '../source/index.ts'
import {
  safeCause,
  SourceAuthError,
  SourceRequestError,
  SourceUnavailableError,
} from '../remote/index.ts'

/** Name for messages. */
export const SERVICE = 'The Profiles Sync database'
/** What to do where tables are missing. */
export const MATERIALISE =
  'Check profiles_sync.schema; user_traits, user_identifiers and profile_merges must be selected for materialisation in Segment.'
/** What to do where rights are missing. */
export const GRANT =
  'Grant the role usage on the schema and select on its tables; docs/sources.md has the SQL.'
/** SQLSTATE classes and codes that mean the tables or rights are not as needed. */
const MISSING = new Set(['42P01', '42703', '3F000', '42704'])
/** SQLSTATEs that mean the server asks us to go away, now. */
const TIMEOUT = '57014'

/**
 * What a failure of PostgreSQL means.
 *
 * Shape: an error that names SQLSTATE or system code, never the server's own text, which may quote
 * values.
 *
 * @see https://www.postgresql.org/docs/current/errcodes-appendix.html
 */
export function databaseError(error: unknown, what: string): SourceError {
  if (error instanceof SourceError) return error
  const code = errorCode(error)
  const place = { service: SERVICE, what }
  const cause = safeCause(error)
  if (code.startsWith('28'))
    return new SourceAuthError(
      place,
      `SQLSTATE ${code}`,
      'Check user and password of profiles_sync.url.',
    )
  if (code === '42501') {
    return new SourceAuthError(place, `SQLSTATE ${code}`, GRANT)
  }
  if (MISSING.has(code)) {
    return new SourceRequestError(place, `a table or column is missing (SQLSTATE ${code})`, {
      hint: MATERIALISE,
      cause,
    })
  }
  if (code === '3D000')
    return new SourceRequestError(place, 'the database does not exist', {
      hint: 'Check profiles_sync.url.',
      cause,
    })
  if (code === TIMEOUT) {
    return new SourceUnavailableError(place, 'a step took longer than the statement timeout', {
      hint: 'Try when the warehouse is less busy.',
      cause,
    })
  }
  return new SourceUnavailableError(
    place,
    code === '' ? 'the connection was lost' : `the connection was lost (${code})`,
    { cause },
  )
}
