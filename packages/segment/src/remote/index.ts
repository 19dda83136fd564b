/**
 * How a service is asked: one GET with its tries and waits, a clock, errors, limits, and what of a
 * secret or an answer messages may show.
 */
export { systemClock } from './clock.ts'
export type { Clock } from './clock.ts'
export {
  SourceAnswerError,
  SourceAuthError,
  SourceRequestError,
  SourceTooLargeError,
  SourceUnavailableError,
} from './errors.ts'
export type { RemotePlace } from './errors.ts'
export { getJson } from './http.ts'
export type { HttpAnswer, HttpPolicy } from './http.ts'
export { HTTP_MAX_ASKED_WAIT_MS } from './limits.ts'
export { loadPeer } from './load-peer.ts'
export { required } from './required.ts'
export { describeUrl, safeCause, safeCode } from './redact.ts'
