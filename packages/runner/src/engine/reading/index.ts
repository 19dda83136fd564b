/**
 * Reading the sources: which ranges a run reads, their folding into rows, in one pass or several,
 * and who is gone when a source gave everybody.
 *
 * Writes rows through core's fold; sends nothing and commits nothing.
 */
export { SourceFold } from './fold-sources.ts'
export type { Folded } from './fold-inputs.ts'
export type { HeldRecords } from './range-folder.ts'
export { countNewerRecords } from './newer-records.ts'
export { planPasses } from './passes.ts'
export type { CreatePlanner, Planned, PlanListener } from './passes.ts'
export { chooseRanges } from './ranges.ts'
export type { ReadEnds, ReadRange } from './ranges.ts'
export { savedPositions } from './saved-positions.ts'
