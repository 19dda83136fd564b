/**
 * The ways to the network: one HTTP exchange, its answer or how it failed. Two of them: the hot one
 * for requests to track and to cohorts, got for every other call. Knows nothing of Braze.
 */
export { createGotTransport } from './got-transport.ts'
export { createHotTransport } from './hot-transport.ts'
export type { HotTransportOptions } from './hot-transport.ts'
export { MAX_ANSWER_BYTES, TransportError } from './transport.ts'
export type {
  Headers,
  HttpMethod,
  Transport,
  TransportAnswer,
  TransportFailure,
  TransportOptions,
  TransportRequest,
} from './transport.ts'
