/**
 * What stops a run before it sends anything: memberships that shrink or grow too far, data points, deletions, and a
 * source that is empty though it held records.
 */
export { refuseEmptySource } from './empty-source.ts'
export { guardRun } from './guard.ts'
export { countUsers, leftName, memberCounts, userCounts } from './row-counts.ts'
export type { RowCounts } from './row-counts.ts'
export { causeOfStops } from './stopped.ts'
