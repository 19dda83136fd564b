/**
 * A mapping or segment by its place in the configuration.
 *
 * Its text, `shop:traits.ltv`, is its id in every state, and names its slots there: it never
 * changes.
 */
export interface MappingPlace {
  /** Name of the sync; it holds no colon. */
  readonly sync: string
  /** `traits`, `audiences`, `enrichment` or `segments`. */
  readonly section: string
  /** As in the file; it may hold anything. */
  readonly key: string
}

/** The id of a mapping. */
export function mappingId({ sync, section, key }: MappingPlace): string {
  return `${sync}:${section}.${key}`
}

/** The place an id tells; of a text that is none, what is there. */
export function readMappingId(id: string): MappingPlace {
  const colon = id.indexOf(':')
  const dot = id.indexOf('.', colon)
  return { sync: id.slice(0, colon), section: id.slice(colon + 1, dot), key: id.slice(dot + 1) }
}

/** What a mapping sends or remembers, by its id: `shop:traits.ltv#event`. */
export function slotId(mapping: string, slot: string): string {
  return `${mapping}#${slot}`
}

/** Whether a slot is one of a mapping. */
export function isSlotOf(mapping: string, slot: string): boolean {
  return slot.startsWith(slotId(mapping, ''))
}

/** The same slot of a mapping that got another name. */
export function movedSlot(
  slot: string,
  move: { readonly from: string; readonly to: string },
): string {
  return move.to + slot.slice(move.from.length)
}

/**
 * An attribute that a slot holds: its dotted name, and the element where it is one of a shared
 * array.
 */
export interface AttributeTarget {
  readonly name: string
  readonly element: string | null
}

/**
 * The slot of an attribute under one name: `shop:traits.ltv#attribute=ltv`,
 * `…#attribute=flags[vip]`.
 */
export function attributeSlotId(attributeSlot: string, { name, element }: AttributeTarget): string {
  return `${attributeSlot}=${name}${element === null ? '' : `[${element}]`}`
}

/** An attribute's slot, with the mapping it is one of. */
export interface AttributeSlot extends AttributeTarget {
  /** Mapping id, and the name of its sync. */
  readonly id: string
  readonly sync: string
}

/** What such a slot names; null for other slots. */
export function readAttributeSlot(slot: string): AttributeSlot | null {
  const match = /^(([^:]+):.+?)#attribute=([^[]*)(?:\[(.*)\])?$/s.exec(slot)
  if (match === null) return null
  const [, id = '', sync = '', name = '', element = null] = match
  return { id, sync, name, element }
}

/** The id Braze knows a cohort by: of the key it was made under, and not of its name. */
export function cohortIdOf({ sync, key }: Pick<MappingPlace, 'sync' | 'key'>): string {
  return `engage-sync:${sync}:${key}`
}
