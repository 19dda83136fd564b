/**
 * Today's mappings beside those the state knows: what is new, changed, moved, retired or orphaned,
 * the column of every slot, and whose history must be read again.
 *
 * Reads the state's records of mappings; touches no row and no source.
 */
export { recordsAfter, resolveMappings } from './resolve.ts'
export type { ResolvedMappings } from './resolve.ts'
export { changedSyncs, keptSyncOptions, syncsBetween } from './changed-syncs.ts'
export type { ChangedSync } from './changed-syncs.ts'
export { leftBetween } from './left-between.ts'
export { settleRollout } from './settle-rollout.ts'
export { retiredValues } from './retire.ts'
export { changesBetween } from './change-details.ts'
export type { ChangedMapping } from './change-details.ts'
export type { LeftBehind } from './left-behind.ts'
export type { MappingChanges } from './tracked-mapping.ts'
export { missedMappings, ownSources } from './unselected.ts'
