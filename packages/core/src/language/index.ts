/*
 * The configuration language alone: reading, checking and compiling files, without rows, fold and plan.
 *
 * The same names as in the index, from half as many modules: for programs that start, check and end.
 */
export * from '../errors.ts'
export * from '../config/index.ts'
export * from '../model/index.ts'
export * from '../schema/index.ts'
export { readMappingId } from '../names/mapping-id.ts'
export { closest } from '../names/suggest.ts'
export type * from '../mapping/compiled.ts'
export { compileSync, compileSyncs } from '../mapping/compile.ts'
