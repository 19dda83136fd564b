import { attributePlace } from '../braze/attribute.ts'
import { STANDARD_ATTRIBUTES } from '../braze/standard-attributes.ts'
import type { FoldProgram, SegmentProgram, SlotProgram } from '../fold/program.ts'
import type { CompiledMapping } from '../mapping/compiled.ts'
import { encodedSlot } from '../mapping/encoding.ts'
import type { AttributeEncoding, EncodedSlot, Encoding } from '../mapping/encoding.ts'
import type { AttributeSlot } from '../names/mapping-id.ts'
import type { Column } from '../rows/layout.ts'

/** Whose an output is, and what it tells. */
interface OutputOrigin {
  /** Mapping or segment id. */
  readonly id: string
  /** Index of the sync in its program, and its name. */
  readonly sync: number
  readonly syncName: string
  /** A segment's verdict still has to be encoded; a mapping's value was, when it was folded. */
  readonly isSegment: boolean
  /** The value delivered last is stored as text, because differences are sent. */
  readonly storesText: boolean
  /** It tells of belonging: an audience or a segment. */
  readonly isMembership: boolean
  /** Of the slots of one membership, the one whose members guards count. */
  readonly isPrimary: boolean
}

/** What a pending entry of a column becomes, by kind: the same for mappings and segments. */
export type Output = EncodedSlot & OutputOrigin

/** The outputs of one kind. */
export type OutputOf<Kind extends Output['kind']> = Extract<Output, { readonly kind: Kind }>

/** Outputs by column number; undefined for columns that send nothing. */
export function buildOutputs(program: FoldProgram): readonly (Output | undefined)[] {
  const outputs: (Output | undefined)[] = program.layout.columns.map(() => undefined)
  for (const { slots, sync } of program.keys.flat()) {
    for (const slot of slots) outputs[slot.column] = mappingOutput(slot, sync)
  }
  for (const segment of program.segments) {
    for (const slot of segment.slots) outputs[slot.column] = segmentOutput(slot, segment)
  }
  return outputs
}

function mappingOutput(slot: SlotProgram, sync: number): Output {
  const { mapping, storesText } = slot
  return {
    ...encodedSlot(slot.column, slot.encoding),
    id: mapping.id,
    sync,
    syncName: mapping.sync,
    isSegment: false,
    storesText,
    isMembership: mapping.wanted.kind === 'audience',
    isPrimary: slot.kind === primaryKind(mapping),
  }
}

function segmentOutput(slot: EncodedSlot, { segment, sync }: SegmentProgram): Output {
  return {
    ...encodedSlot(slot.column, slot.encoding),
    id: segment.id,
    sync,
    syncName: segment.sync,
    isSegment: true,
    storesText: false,
    isMembership: true,
    isPrimary: slot.kind === primaryKind(segment),
  }
}

const PRIMARY_ORDER: readonly Encoding['kind'][] = ['cohort', 'attribute', 'subscription']

function primaryKind({
  encodings,
}: Pick<CompiledMapping, 'encodings'>): Encoding['kind'] | undefined {
  return PRIMARY_ORDER.find((kind) => encodings.some((encoding) => encoding.kind === kind))
}

/** In the place of a sync's index, where no sync fills the output any more. */
const RETIRED = -1

/** An output that only unsets what a mapping once sent. */
export type RetiredOutput = OutputOf<'attribute'> & { readonly sync: typeof RETIRED }

/** Whether an output only unsets what a mapping once sent. */
export function isRetired(output: Output): output is RetiredOutput {
  return output.sync === RETIRED
}

/**
 * What unsets an attribute that no mapping fills any more: null for a whole attribute, `remove` for
 * an element.
 *
 * @param column - the state's, which holds what was delivered of the attribute
 * @param slot - what the column's id names
 */
export function retiredOutput(
  column: Column,
  { id, sync, name, element }: AttributeSlot,
): RetiredOutput {
  const [root = '', ...path] = name.split('.')
  const encoding: AttributeEncoding = {
    ...attributePlace(root, { path, standard: STANDARD_ATTRIBUTES.has(root) }),
    ...(element === null
      ? { mode: 'replace', element, idField: null }
      : { mode: 'element', element, idField: null }),
    slotId: column.id,
    encode: (value) => ({ ok: true, value }),
    plain: new Set(),
    onNull: 'unset',
    onExit: 'unset',
  }
  return {
    column: column.number,
    kind: 'attribute',
    encoding,
    id,
    sync: RETIRED,
    syncName: sync,
    isSegment: false,
    storesText: false,
    isMembership: false,
    isPrimary: false,
  }
}

/** Columns of attributes that hold `false` of somebody who is no member. */
export function falseColumns(outputs: readonly (Output | undefined)[]): readonly number[] {
  return outputs.flatMap((output) =>
    output?.kind === 'attribute' && output.isMembership && output.encoding.mode === 'replace'
      ? [output.column]
      : [],
  )
}
