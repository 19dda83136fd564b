import {
  safeCause,
  safeCode,
  SourceAuthError,
  SourceRequestError,
  SourceTooLargeError,
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
      hint: 'Check that the server runs with JetStream, and that the stream is there and takes the subject; a cluster that elects a leader needs a moment.',
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

/** What the server's numbers mean, and what to do, where that is known. */
const API_ERRORS: ReadonlyMap<number, readonly [means: string, hint: string]> = new Map([
  [10047, ['storage is used up', 'Make room for JetStream, or raise the limits of the account.']],
  [10060, ['another stream takes the subject', 'Check `stream` and `subject`.']],
  [
    10077,
    ['the stream is full', 'Raise the limits of the stream, or let it discard old messages.'],
  ],
  [
    10084,
    [
      'it is a work queue, which gives each message to one reader',
      'Make the stream with retention `limits`.',
    ],
  ],
  [10109, ['the stream is sealed', 'Append to another stream.']],
])

const TOO_LARGE = 10054

function apiError(error: ApiError, what: string): SourceError {
  const place = { service: SERVICE, what }
  const cause = safeCause(error)
  if (error.code === TOO_LARGE) {
    const hint = 'Raise max_msg_size of the stream.'
    return new SourceTooLargeError({ ...place, what: 'record' }, `error ${TOO_LARGE}`, hint)
  }
  const [means, hint] = API_ERRORS.get(error.code) ?? ['', undefined]
  const number = `error ${Number(error.code)}`
  const reason = `JetStream refused it (${means === '' ? number : `${number}: ${means}`})`
  // Without a leader, or short of memory or disk: that passes.
  if (error.status >= 500)
    return new SourceUnavailableError(place, reason, { cause, ...(hint !== undefined && { hint }) })
  return new SourceRequestError(place, reason, {
    hint: hint ?? 'Look at the limits of the stream and of the account.',
    cause,
  })
}
