/**
 * The client for programs that do their own packing: one method a call, and `trackAll` for many
 * objects.
 */
export { createBrazeClient } from './client.ts'
export type { BrazeClient, BrazeClientOptions, TrackOptions } from './client.ts'
export type { CallOptions } from './client-call.ts'
export type { MigrationResult } from './identity-calls.ts'
export type { RawAnswer, RequestOptions } from './request.ts'
export type { SubscribedUser, SubscriptionGroupChange } from './subscription-calls.ts'
export type { TrackAllOptions, TrackAllResult, TrackedItem, TrackItem } from './track-all.ts'
