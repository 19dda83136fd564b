/**
 * What Braze says of itself, as data: its numbers, and its answers word for word. What is ours
 * and unproven stands under `CHOSEN`.
 */
export { CHOSEN, CHOSEN_TYPES, DOCUMENTED, TYPES } from './answers.ts'
export type { Answer, RejectionType } from './answers.ts'
export { LIMITS } from './limits.ts'
