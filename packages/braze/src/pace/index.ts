/** Pace: when the next request may leave, by what is configured and by what Braze's headers say. */
export { createPace } from './pace.ts'
export type { Pace } from './pace.ts'
export { readRetryAfter } from './rate-headers.ts'
