/**
 * One run done in parts: several processes work on partitions of their own, while one of them all
 * prepares, judges and ends it.
 *
 * They talk through values of the state alone, so it does not matter where they run. Stands above
 * the flow, which a part repeats over its own partitions, and above `fleet`, whose members they are.
 */
export { runInParts } from './lead-parts.ts'
export type { LedResult } from './lead-parts.ts'
export type { Crew } from './lost-parts.ts'
export { runPart } from './run-part.ts'
