/*
 * plan: what the rows amount to once all is folded: events in order, segments settled, updates
 * built, sums and guards.
 *
 * Goes to the rows through their door alone. `summary.ts` plans, `build-update.ts` writes what one
 * user is sent, `alias-merge.ts` makes one row of two, `memory-run.ts` goes the whole way without a
 * state.
 */
export { mergeAlias, takeOutAlias } from './alias-merge.ts'
export * from './build-update.ts'
export * from './evaluate-segment.ts'
export { isCreated, isReasonToCreate } from './first-false.ts'
export * from './guards.ts'
export { isRetired, retiredOutput } from './outputs.ts'
export type { Output, OutputOf, RetiredOutput } from './outputs.ts'
export * from './points.ts'
export * from './run-program.ts'
export * from './settle-events.ts'
export * from './settle-row.ts'
export * from './summary.ts'
export { MappingPlans } from './mapping-plan.ts'
export type { MappingPlan } from './mapping-plan.ts'
export { UpdateSet } from './update-set.ts'
export type { MemoryKnown } from './memory-known.ts'
export * from './memory-run.ts'
