import {
  safeCause,
  safeCode,
  SourceAuthError,
  SourceRequestError,
  SourceUnavailableError,
} from '../../remote/index.ts'
import { errorCode, SourceError } from '../../source/index.ts'

const SERVICE = 'NATS'
/** Of the client, where who asks is refused. */
const REFUSED = new Set([
  'AuthorizationError',
  'UserAuthenticationExpiredError',
  'PermissionViolationError',
])
const NO_STREAM = 'StreamNotFoundError'
const NO_JETSTREAM = new Set(['JetStreamNotEnabled', 'NoRespondersError'])

/**
 * What a failure of the NATS client means.
 *
 * Shape: names the client's kind of error, never its text, which may quote what was sent.
 *
 * @param what - was asked for
 */
export function natsError(error: unknown, what: string): SourceError {
  if (error instanceof SourceError) return error
  const place = { service: SERVICE, what }
  const name = nameOf(error)
  const cause = safeCause(error)
  if (REFUSED.has(name)) {
    const hint = 'Check credentials, token or user, and what they may do in JetStream.'
    return new SourceAuthError(place, name, hint)
  }
  if (name === NO_STREAM)
    return new SourceRequestError(place, 'the stream does not exist', {
      hint: 'Check `stream`, and the account of the credentials; docs/sources.md shows how to make one.',
      cause,
    })
  if (name === 'JetStreamApiError') return apiError(error as ApiError, what)
  if (NO_JETSTREAM.has(name))
    return new SourceUnavailableError(place, 'nobody answers for JetStream', {
      hint: 'Check that the server runs with JetStream; a cluster that elects a leader needs a moment.',
      cause,
    })
  const code = safeCode(errorCode(error)) || name
  return new SourceUnavailableError(place, `the connection failed (${code})`, { cause })
}

/** A failed request wraps why it failed. */
function nameOf(error: unknown): string {
  if (!(error instanceof Error)) return 'Error'
  const isWrapped = error.name === 'RequestError' && error.cause instanceof Error
  return safeCode(isWrapped ? (error.cause as Error).name : error.name) || 'Error'
}

/** What JetStream answers where it cannot do what it is asked. */
interface ApiError extends Error {
  /** As HTTP has them. */
  readonly status: number
  /** The server's own number. */
  readonly code: number
}

function apiError(error: ApiError, what: string): SourceError {
  const place = { service: SERVICE, what }
  const cause = safeCause(error)
  const reason = `JetStream refused it (error ${Number(error.code)})`
  // Without a leader, or short of memory or disk: that passes.
  if (error.status >= 500) return new SourceUnavailableError(place, reason, { cause })
  const hint = 'Look at the limits of the stream and of the account.'
  return new SourceRequestError(place, reason, { hint, cause })
}
