/** What decides about a request before any endpoint does: limits of rate, and faults on demand. */
export { Faults } from './faults.ts'
export type { Fault } from './faults.ts'
export { EMPTY_RATE_HEADERS, RateLimiter } from './rate.ts'
export type { RateGroup, RateHeaders } from './rate.ts'
