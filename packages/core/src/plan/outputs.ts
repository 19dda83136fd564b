import { STANDARD_ATTRIBUTES } from '../braze/standard-attributes.ts'
import { slotsOf } from '../fold/needed-columns.ts'
import type { FoldProgram, SlotProgram } from '../fold/program.ts'
import type {
  AttributeEncoding,
  CohortEncoding,
  EventEncoding,
  SubscriptionGroupEncoding,
} from '../mapping/compiled.ts'
import type { Column } from '../rows/layout.ts'
import { readAttributeSlot, slotId } from '../names/mapping-id.ts'

/** What a pending entry of a column becomes: the same for mappings and segments. */
export interface Output {
  readonly column: number
  readonly kind: SlotProgram['kind']
  /** Mapping or segment id. */
  readonly id: string
  /** Index of the sync in its program, and its name. */
  readonly sync: number
  readonly syncName: string
  readonly attribute: AttributeEncoding | null
  readonly event: EventEncoding | null
  readonly cohort: CohortEncoding | null
  readonly subscriptionGroup: SubscriptionGroupEncoding | null
  /** The attribute's name as JSON text with its colon, ready to be written. */
  readonly nameText: string
  /** A segment's verdict still has to be encoded; a mapping's value was, when it was folded. */
  readonly isSegment: boolean
  /** The value delivered last is stored as text, because differences are sent. */
  readonly storesText: boolean
  /** It tells of belonging: an audience or a segment. */
  readonly isMembership: boolean
  /** Of the slots of one membership, the one whose members guards count. */
  readonly isPrimary: boolean
}

/** Outputs by column number; undefined for columns that send nothing. */
export function buildOutputs(program: FoldProgram): readonly (Output | undefined)[] {
  const outputs: (Output | undefined)[] = program.layout.columns.map(() => undefined)
  for (const keyProgram of program.keys.flat()) {
    for (const slot of keyProgram.slots) outputs[slot.column] = mappingOutput(slot, keyProgram.sync)
  }
  for (const { segment, slots, sync } of program.segments) {
    for (const slot of slots) {
      outputs[slot.column] = {
        ...slot,
        id: segment.id,
        sync,
        syncName: segment.sync,
        attribute: slot.kind === 'attribute' ? segment.attribute : null,
        event: slot.kind === 'event' ? segment.event : null,
        cohort: slot.kind === 'cohort' ? segment.cohort : null,
        subscriptionGroup: slot.kind === 'subscription' ? segment.subscriptionGroup : null,
        nameText: nameText(slot.kind === 'attribute' ? segment.attribute : null),
        isSegment: true,
        storesText: false,
        isMembership: true,
        isPrimary: slots.indexOf(slot) === primaryIndex(slots.map(({ kind }) => kind)),
      }
    }
  }
  return outputs
}

function mappingOutput(slot: SlotProgram, sync: number): Output {
  const { mapping, kind, column } = slot
  return {
    column,
    kind,
    id: mapping.id,
    sync,
    syncName: mapping.sync,
    attribute: kind === 'attribute' ? mapping.attribute : null,
    event: kind === 'event' ? mapping.event : null,
    cohort: kind === 'cohort' ? mapping.cohort : null,
    subscriptionGroup: kind === 'subscription' ? mapping.subscriptionGroup : null,
    nameText: nameText(kind === 'attribute' ? mapping.attribute : null),
    isSegment: false,
    storesText: slot.storesText,
    isMembership: mapping.wanted.kind === 'audience',
    isPrimary: kind === primaryKind(mapping),
  }
}

function nameText(attribute: AttributeEncoding | null): string {
  return attribute === null ? '' : `${JSON.stringify(attribute.name)}:`
}

const PRIMARY_ORDER: readonly SlotProgram['kind'][] = ['cohort', 'attribute', 'subscription']

function primaryIndex(kinds: readonly SlotProgram['kind'][]): number {
  const best = PRIMARY_ORDER.find((kind) => kinds.includes(kind))
  return best === undefined ? -1 : kinds.indexOf(best)
}

function primaryKind(mapping: SlotProgram['mapping']): SlotProgram['kind'] | null {
  const kinds = slotsOf(mapping).map(({ kind }) => kind)
  return kinds[primaryIndex(kinds)] ?? null
}

/** In the place of a sync's index, where no sync fills the output any more. */
const RETIRED = -1

/** Whether an output only unsets what a mapping once sent. */
export function isRetired({ sync }: Pick<Output, 'sync'>): boolean {
  return sync === RETIRED
}

/**
 * What unsets an attribute that no mapping fills any more: null for a whole attribute, `remove` for
 * an element.
 *
 * @param column - the state's column, whose id ends in `#attribute=<name>` or
 *   `#attribute=<name>[<element>]`
 */
export function retiredOutput(column: Column): Output {
  const { id, sync: syncName, name, element } = readAttributeSlot(column.id)!
  const [root, ...path] = name.split('.')
  const attribute: AttributeEncoding = {
    slotId: slotId(id, 'attribute'),
    name: root,
    path,
    standard: STANDARD_ATTRIBUTES.has(root),
    encode: (value) => ({ ok: true, value }),
    plain: new Set(),
    onNull: 'unset',
    mode: element === null ? 'replace' : 'element',
    element,
    idField: null,
    onExit: 'unset',
  }
  return {
    column: column.number,
    kind: 'attribute',
    id,
    sync: RETIRED,
    syncName,
    attribute,
    event: null,
    cohort: null,
    subscriptionGroup: null,
    nameText: nameText(attribute),
    isSegment: false,
    storesText: false,
    isMembership: false,
    isPrimary: false,
  }
}
