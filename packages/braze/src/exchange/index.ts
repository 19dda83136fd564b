/**
 * One call to Braze: endpoint, key, pace, retries; an answer worth reading, or the error that ends
 * it.
 */
export { bisect, Tally } from './bisect.ts'
export { connect, createSharedPace, DEFAULT_CONCURRENCY, disconnect } from './connect.ts'
export { DESTINATION_OPTIONS } from './options.ts'
export type { ConnectionOptions, SharedPace, SharedPaceOptions } from './connect.ts'
export { exchange, pathOf } from './exchange.ts'
export type { Answer, Call, Exchange, Exchanger } from './exchange.ts'
export { INSTANCES, isSafeUrl } from './instances.ts'
export type { RetryPolicy } from './retry.ts'
