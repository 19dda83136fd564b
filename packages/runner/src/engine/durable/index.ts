/**
 * What is durable, and when: the lease, marks before requests that must not be repeated blindly,
 * commits in groups, snapshots, and what the next run decides of marks a killed one left open.
 *
 * Writes through the `StateStore` port alone; reads rows through partitions. Knows nothing of
 * sources.
 */
export { Committer } from './committer.ts'
export { decideRequests } from './decide-requests.ts'
export type { Deciding } from './decide-requests.ts'
export { compactPartitions, mergePartitions } from './compact-partitions.ts'
export type { Compaction } from './compact-partitions.ts'
export { LogSizes } from './log-sizes.ts'
export { intentOf, noteMarked } from './intents.ts'
export type { LetterOf } from './intents.ts'
export { isOwnerGone, ownerName } from './lease-owner.ts'
export { takeLease } from './lease.ts'
export type { HeldLease } from './lease.ts'
export { addDecided, decideMarks, recover } from './recovery.ts'
export { setAllTimesBack } from './set-times-back.ts'
export { sleep } from './sleep.ts'
export { clearedSends, readUnconfirmed, sendStart, unconfirmedEnds } from './unconfirmed-sends.ts'
