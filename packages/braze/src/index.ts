/** The public names of the package, room by room. */
export { createBrazeDestination } from './destination/index.ts'
export type { BrazeDestinationOptions } from './destination/index.ts'
export { createBrazeClient } from './client/index.ts'
export type { BrazeClient, BrazeClientOptions, CallOptions, TrackOptions } from './client/index.ts'
export type * from './api/index.ts'
export { INSTANCES } from './exchange/index.ts'
export type { ConnectionOptions, RetryPolicy } from './exchange/index.ts'
export type * from './hooks/index.ts'
export { packCohort } from './cohorts/index.ts'
export type { CohortKeys } from './cohorts/index.ts'
export { createPacker } from './packing/index.ts'
export type { BatchMode } from './packing/index.ts'
export { createGotTransport, createHotTransport, TransportError } from './transport/index.ts'
export type {
  HotTransportOptions,
  Transport,
  TransportAnswer,
  TransportFailure,
  TransportOptions,
  TransportRequest,
} from './transport/index.ts'
export type { Clock } from './time/index.ts'
export * from './errors.ts'
export { LIMITS } from './limits.ts'
