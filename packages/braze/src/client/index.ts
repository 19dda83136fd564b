/** The client for programs that do their own packing: one method a call. */
export { createBrazeClient } from './client.ts'
export type { BrazeClient, BrazeClientOptions, CallOptions, TrackOptions } from './client.ts'
