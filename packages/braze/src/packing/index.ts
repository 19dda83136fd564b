/**
 * Packing: updates become `/users/track` requests, filled by count and bytes, each user in order.
 */
export { hasOperation } from './operations.ts'
export { createPacker, newPackingState, trackGroup } from './pack.ts'
export type { BatchMode } from './pack.ts'
