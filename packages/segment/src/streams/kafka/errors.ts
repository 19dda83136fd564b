import {
  safeCause,
  safeCode,
  SourceAuthError,
  SourceRequestError,
  SourceTooLargeError,
  SourceUnavailableError,
} from '../../remote/index.ts'
import { SourceError } from '../../source/index.ts'

const SERVICE = 'Kafka'
const REFUSED = /AUTHENTICATION|AUTHORIZATION|SASL/u
const UNKNOWN_TOPIC = /UNKNOWN_TOPIC|INVALID_TOPIC/u
const TOO_LARGE = /MESSAGE_TOO_LARGE|RECORD_LIST_TOO_LARGE/u

/**
 * What a failure of the Kafka client means.
 *
 * Shape: names Kafka's own codes, never the client's text, which may quote what was sent.
 *
 * @param what - was asked for
 */
export function kafkaError(error: unknown, what: string): SourceError {
  if (error instanceof SourceError) return error
  const place = { service: SERVICE, what }
  const codes = [...codesOf(error)]
  const cause = safeCause(error)
  const found = (pattern: RegExp) => codes.find((code) => pattern.test(code))
  const refused = found(REFUSED)
  if (refused !== undefined)
    return new SourceAuthError(place, refused, 'Check sasl and tls, and what the user may do.')
  if (found(UNKNOWN_TOPIC) !== undefined)
    return new SourceRequestError(place, 'the topic does not exist', {
      hint: 'Check `topic`; it is made by you.',
      cause,
    })
  const large = found(TOO_LARGE)
  if (large !== undefined)
    return new SourceTooLargeError(
      { ...place, what: 'record' },
      large,
      'Raise max.message.bytes of the topic.',
    )
  return new SourceUnavailableError(place, codes.at(-1) ?? 'the connection failed', { cause })
}

/** Codes of an error and of what it is made of, outside in. */
function* codesOf(error: unknown): Iterable<string> {
  if (!(error instanceof Error)) return
  for (const key of ['code', 'apiId'] as const) {
    const code = key in error ? safeCode((error as unknown as Record<string, unknown>)[key]) : ''
    if (code !== '') yield code
  }
  if (error instanceof AggregateError) for (const one of error.errors) yield* codesOf(one)
  yield* codesOf(error.cause)
}
