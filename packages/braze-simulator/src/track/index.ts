/** Objects of a track request: why one is refused, and what an accepted one writes. */
export { applyAttributes } from './attributes.ts'
export { applyEvent, applyPurchase } from './events.ts'
export { isGroupId } from './validate-subscriptions.ts'
export { findProblem, isAlias } from './validate.ts'
export type { TrackArray } from './validate.ts'
