/*
 * model: a configuration in its long form, as everything behind the checks reads it.
 *
 * Short forms written out, defaults applied, sections as maps, every mapping with its place in the
 * file.
 */
export type * from './case.ts'
export { caseUsers, isSingleUser } from './case-users.ts'
export * from './environment.ts'
export type * from './mapping.ts'
export type * from './source-range.ts'
export type * from './sync.ts'
export { readListenAddress, readSize } from './written-units.ts'
