/**
 * What windows work on while nothing fails: rows in memory, positions, due times, and the books of
 * the shift.
 *
 * Opened over a state that is in line, and never mended: after a failure the next one reads the
 * state anew.
 */
export { FiniteSources } from './finite-sources.ts'
export { isInLine } from './in-line.ts'
export { ensureReachable } from './reachable.ts'
export { Session } from './session.ts'
export type { Shift } from './shift.ts'
