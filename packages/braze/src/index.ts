/** The public names of the package, room by room. */
export { createBrazeDestination } from './destination/index.ts'
export type { BrazeDestinationOptions } from './destination/index.ts'
export { createBrazeClient } from './client/index.ts'
export type {
  BrazeClient,
  BrazeClientOptions,
  CallOptions,
  MigrationResult,
  RawAnswer,
  RequestOptions,
  SubscribedUser,
  SubscriptionGroupChange,
  TrackAllOptions,
  TrackAllResult,
  TrackedItem,
  TrackItem,
  TrackOptions,
} from './client/index.ts'
export type * from './api/index.ts'
export { createSharedPace, INSTANCES } from './exchange/index.ts'
export type {
  ConnectionOptions,
  RetryPolicy,
  SharedPace,
  SharedPaceOptions,
} from './exchange/index.ts'
export type { RateBook, RateLedger, RateMember, RateShare } from './pace/index.ts'
export type * from './hooks/index.ts'
export { packCohort } from './cohorts/index.ts'
export type { CohortKeys } from './cohorts/index.ts'
export { createPacker } from './packing/index.ts'
export type { BatchMode } from './packing/index.ts'
export { createGotTransport, createHotTransport, TransportError } from './transport/index.ts'
export type {
  HotTransportOptions,
  HttpMethod,
  Transport,
  TransportAnswer,
  TransportFailure,
  TransportOptions,
  TransportRequest,
} from './transport/index.ts'
export type { Clock } from './time/index.ts'
export * from './errors.ts'
export type {
  Check,
  CohortDefinition,
  CohortMember,
  Destination,
  DestinationLimits,
  ExportedList,
  ExportedProfile,
  ExportedUser,
  ExportFields,
  Outcome,
  PackedRequest,
  Packer,
  RequestPart,
  Sent,
  Update,
  UserRef,
} from '@engage-sync/contract'
export { LIMITS } from './limits.ts'
