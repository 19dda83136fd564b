/**
 * What a workspace holds: profiles and ways to find them, cohorts, types, the ledger, the drop
 * log; and what a request asks to write. No clock, no network.
 */
export type { Directory } from './directory.ts'
export { DROP_TEXTS } from './drops.ts'
export type { DropReason } from './drops.ts'
export { addPoints, noPoints, totalPoints } from './ledger.ts'
export type { Points } from './ledger.ts'
export { exportProfile, summaries } from './profile.ts'
export type { ExportOptions } from './profile.ts'
export type { Alias, EventSummary, Occurrence, User } from './user.ts'
export type { Entry, Work } from './work.ts'
export { Workspace } from './workspace.ts'
export type { AttributeType, Cohort } from './workspace.ts'
export { drop, positionOf } from './write-context.ts'
export type { ObjectPosition, WriteContext } from './write-context.ts'
