/*
 * names: how people write names, and what they most likely meant.
 *
 * Dotted names and their parts, names that overlap or look alike, the nearest of several
 * candidates; the ids of mappings, and of what they send.
 */
export * from './dotted-name.ts'
export {
  cohortIdOf,
  isSlotOf,
  mappingId,
  movedSlot,
  readAttributeSlot,
  readMappingId,
} from './mapping-id.ts'
export type { AttributeSlot, AttributeTarget, MappingPlace } from './mapping-id.ts'
export { inNaturalOrder } from './natural-order.ts'
