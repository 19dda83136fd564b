/**
 * Aliases that turn out to be users: which alias belongs to whom, and the merging of their rows.
 *
 * Works on open rows; telling the destination is delivery's, finding the links is reading's.
 */
export { AliasIndex, promotesAliases } from './alias-index.ts'
export type { HandedAlias } from './handovers.ts'
export type { AliasMerge, MergedRows, OpenHandover } from './merged-rows.ts'
export { markPromoted } from './promoted-rows.ts'
export { markUsersOfAliases, mergeAliases, NOTHING_MERGED, SHARED_ALIAS } from './merge-rows.ts'
export type { AliasMerges } from './merge-rows.ts'
