/**
 * One of several workers: it stays a member, and follows the streams into the partitions that are
 * its own, as long as they are; and what asks all of them to keep out for a while.
 *
 * Stands above `stream`, whose windows know nothing of the others: a worker's view of the state
 * shows them its own partitions alone.
 */
export { borrowFromWorkers } from './loans.ts'
export { openLookout } from './lookout.ts'
export { Member } from './member.ts'
export { OwnPartitions } from './own-partitions.ts'
export type { Ownership } from './own-partitions.ts'
export { openWorker } from './worker.ts'
export type { WorkerStatus } from './status.ts'
export type { Worker } from './worker-options.ts'
