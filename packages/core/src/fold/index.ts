/*
 * fold: decoded records into rows, newest first whatever the order they come in.
 *
 * `build-program.ts` lays a compiled sync out over the columns of rows; `fold.ts` goes through the
 * records of a chunk, `fold-key.ts` through what a value means: slots, events, operands of filters.
 * Knows the bytes of rows, since it is where a run spends its time; knows neither plan nor
 * destination.
 */
export * from './alias-links.ts'
export * from './alias-owners.ts'
export { buildProgram } from './build-program.ts'
export * from './classes.ts'
export type { CountedBefore } from './counted-before.ts'
export * from './counts.ts'
export { NO_USER, OTHER_PASS, UserFinder } from './find-users.ts'
export type { HeldRows, Link } from './find-users.ts'
export * from './fold.ts'
export type { FrozenColumns } from './frozen-columns.ts'
export type { FolderParts, FoldPass, MissingUsers } from './folder-parts.ts'
export { datedProgram } from './dated-program.ts'
export { narrowProgram } from './narrow-program.ts'
export { neededColumns, wantedKeys } from './needed-columns.ts'
export type * from './program.ts'
export { GONE, MERGED_COLUMN, nameCountId, operandId, SEEN } from './program.ts'
export * from './record-classes.ts'
export type { Births } from './slot-programs.ts'
export { hasSeen, isGone, startRead } from './presence.ts'
