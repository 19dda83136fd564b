/*
 * mapping: a checked sync, compiled: how each value becomes an attribute, event, cohort or
 * subscription state.
 *
 * The result is `compiled.ts`, which fold and plan read; `meaning.ts` says what of it makes a
 * mapping another one.
 */
export * from './compile.ts'
export type * from './compiled.ts'
export { encodingOf } from './encoding.ts'
export type * from './encoding.ts'
export { DEFAULT_EVENT_NAMES } from './event.ts'
export { optionChanges } from './option-changes.ts'
export type { OptionChange } from './option-changes.ts'
export type { MappingOptions } from './options.ts'
