/** Time: one clock, and one sleep that ends when it is aborted. Knows nothing else. */
export { sleepFor, systemClock } from './clock.ts'
export type { Clock } from './clock.ts'
