/** Pace: when the next request may leave, by what is configured and by what Braze's headers say. */
export { createPace, LimitFarError, MAX_ASKED_WAIT_MS } from './pace.ts'
export type { Pace } from './pace.ts'
export { readRateWindow, readRetryAfter } from './rate-headers.ts'
export type { RateLedger, RateMember } from './leased-rate.ts'
export type { RateBook, RateShare } from './shares.ts'
