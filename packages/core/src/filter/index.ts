/*
 * filter: conditions over traits, audiences and delivered events, with the meaning Braze gives
 * them.
 *
 * `operators.ts` and `event-operators.ts` are the one table of what operators mean. A filter is
 * read (`condition.ts`), checked (`check.ts`), compiled (`compile.ts`), explained (`explain.ts`),
 * or written as a recipe for Braze's dashboard (`recipe/`).
 */
export * from './check.ts'
export * from './codes.ts'
export * from './compile.ts'
export type * from './compiled.ts'
export { EVENT_OPERATOR_TABLE } from './event-operators.ts'
export type { EventOperatorRow } from './event-operators.ts'
export * from './explain.ts'
export type { FilterFinding, FilterScope, TypesByKey } from './finding.ts'
export type { FilterOptions } from './leaf.ts'
export { TRAIT_OPERATOR_TABLE } from './operators.ts'
export type { Comparand, OperatorRow } from './operators.ts'
export * from './pattern/index.ts'
export * from './recipe/index.ts'
export { eventNames, filterScope } from './scope.ts'
