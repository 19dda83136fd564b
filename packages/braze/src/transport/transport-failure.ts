import { TransportError } from './transport.ts'

/** Codes that come before the first byte of the request could have been read. */
const UNSENT = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'EADDRNOTAVAIL',
  'EMFILE',
  'CERT_HAS_EXPIRED',
  'CERT_NOT_YET_VALID',
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  'ERR_TLS_CERT_ALTNAME_INVALID',
])

/** Stages of a request before its first byte, as got names them. */
const BEFORE_SENDING = new Set(['lookup', 'socket', 'connect', 'secureConnect'])
/** The code of an answer that is larger than any we read. */
export const OVERSIZED = 'ANSWER_TOO_LARGE'

/**
 * What an HTTP client's error says of the request. Keeps the code, drops the rest: messages can
 * quote headers.
 *
 * @param error - its `code`, and its `event` where a timeout has one: until a connection stands
 *   nothing was sent
 */
export function toTransportError(error: unknown, signal: AbortSignal | undefined): TransportError {
  const { code, event } = error as { code?: string; event?: string }
  if (signal?.aborted === true) return new TransportError('aborted', 'ABORTED')
  const name = code ?? 'UNKNOWN'
  if (name === OVERSIZED) return new TransportError('oversized', name)
  if (
    UNSENT.has(name) ||
    (name === 'ETIMEDOUT' && event !== undefined && BEFORE_SENDING.has(event))
  )
    return new TransportError('unsent', name)
  return new TransportError('unknown', name)
}
