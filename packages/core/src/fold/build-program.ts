import type { Leaf } from '../filter/compiled.ts'
import type { Json } from '../json.ts'
import type { AttributeEncoding, CompiledMapping, CompiledSegment, CompiledSync } from '../mapping/compiled.ts'
import type { Layout } from '../rows/layout.ts'
import type { DecodePlan, IdentityRule, WantedKey } from '../source.ts'
import type { EncodeResult } from '../values/encode-result.ts'
import { DigestCache } from './digest-cache.ts'
import { eventPrograms } from './event-programs.ts'
import {
  BITS_PER_COLUMN,
  counterId,
  identitiesOf,
  instantId,
  nameCountId,
  operandId,
  MERGED_COLUMN,
  seenId,
  verdictsId,
  wantedText,
} from './program.ts'
import type {
  CounterProgram,
  FoldProgram,
  KeyProgram,
  LeafProgram,
  NeededColumn,
  OperandProgram,
  SegmentProgram,
  SlotProgram,
} from './program.ts'
import { attributeSlotId } from '../names/mapping-id.ts'

/** When each mapping was born, milliseconds, by mapping or segment id; a slot younger than its mapping by slot id. */
export type Births = ReadonlyMap<string, number>

type Operand = { kind: 'trait' | 'audience'; key: string; path: readonly string[] }

/** Every column the syncs need in the registry. */
export function neededColumns(syncs: readonly CompiledSync[]): readonly NeededColumn[] {
  const needed: NeededColumn[] = []
  for (const sync of syncs) {
    needed.push({ id: seenId(sync.name), kind: 'bits' })
    for (const mapping of sync.mappings) for (const slot of slotsOf(mapping)) needed.push({ id: slot.slotId, kind: 'slot' })
    for (const name of eventNamesOf(sync)) needed.push({ id: nameCountId(name), kind: 'count' })
    for (const segment of sync.segments) needed.push(...segmentColumns(sync, segment))
    if (sync.promote !== 'never') needed.push({ id: MERGED_COLUMN, kind: 'bits' })
  }
  return needed
}

function eventNamesOf(sync: CompiledSync): readonly string[] {
  return [...sync.mappings, ...sync.segments].flatMap(({ event }) => event?.names ?? [])
}

/** The encodings of a mapping or segment, with their kinds. */
export function slotsOf(
  from: Pick<CompiledMapping, 'attribute' | 'event' | 'cohort' | 'subscriptionGroup'>,
): { kind: SlotProgram['kind']; slotId: string }[] {
  const slots: { kind: SlotProgram['kind']; slotId: string }[] = []
  if (from.attribute) slots.push({ kind: 'attribute', slotId: attributeColumn(from.attribute) })
  if (from.event) slots.push({ kind: 'event', slotId: from.event.slotId })
  if (from.cohort) slots.push({ kind: 'cohort', slotId: from.cohort.slotId })
  if (from.subscriptionGroup) slots.push({ kind: 'subscription', slotId: from.subscriptionGroup.slotId })
  return slots
}

/** A column per attribute name: what was delivered under another name says nothing about this one. */
function attributeColumn({ slotId, name, path, element }: AttributeEncoding): string {
  return attributeSlotId(slotId, { name: [name, ...path].join('.'), element })
}

function segmentColumns(sync: CompiledSync, segment: CompiledSegment): NeededColumn[] {
  const columns: NeededColumn[] = slotsOf(segment).map(({ slotId }) => ({ id: slotId, kind: 'slot' }))
  segment.filter.leaves.forEach((leaf, index) => {
    if (leaf.type === 'event') {
      columns.push({ id: counterId(sync.name, leaf), kind: leaf.withinDays === null ? 'count' : 'days' })
      return
    }
    columns.push({ id: operandId(sync.name, leaf.operand), kind: 'slot' })
    if (leaf.type === 'time') columns.push({ id: instantId(sync.name, leaf.operand), kind: 'instant' })
    else columns.push({ id: verdictsId(segment, Math.floor(index / BITS_PER_COLUMN)), kind: 'bits' })
  })
  return columns
}

/** All keys the syncs want, each once; `enrichment` keys last. */
export function wantedKeys(syncs: readonly CompiledSync[]): readonly WantedKey[] {
  const keys = new Map<string, WantedKey>()
  const want = (wanted: WantedKey) => {
    const text = wantedText(wanted)
    if (!keys.has(text)) keys.set(text, wanted)
  }
  for (const sync of syncs) {
    for (const mapping of sync.mappings) want(mapping.wanted)
    for (const segment of sync.segments) {
      for (const leaf of segment.filter.leaves) if (leaf.type !== 'event') want(leaf.operand)
    }
  }
  return [...keys.values()]
}

/** Prepares the syncs of one source for folding. All their columns must be in the layout. */
export function buildProgram(syncs: readonly CompiledSync[], layout: Layout, births: Births): FoldProgram {
  const keys = wantedKeys(syncs)
  const identities = identitiesOf(syncs)
  const segments = syncs.flatMap((sync, index) => sync.segments.map((segment) => segmentProgram({ sync, index, segment, layout, births })))
  const programs = keys.map((wanted) =>
    syncs
      .map((sync, index) => keyProgram({ sync, index, wanted, layout, births, identity: identities.bySync[index], segments }))
      .filter((program) => program !== null),
  )
  const slotByColumn: (SlotProgram | undefined)[] = layout.columns.map(() => undefined)
  for (const program of programs.flat()) for (const slot of program.slots) slotByColumn[slot.column] = slot
  return {
    syncs,
    identityOfSync: identities.bySync,
    plan: planOf(syncs[0], keys, identities.rules),
    keys: programs,
    segments,
    counters: distinctCounters(syncs, segments, layout),
    layout,
    slotByColumn,
    eventByColumn: eventPrograms(layout, slotByColumn, segments),
  }
}

/** What all syncs of a source want of its records. */
function planOf(first: CompiledSync | undefined, keys: readonly WantedKey[], identities: readonly IdentityRule[]): DecodePlan {
  const trust = first?.trust ?? null
  return { keys, identities, timeField: first?.timeField ?? 'timestamp', ...(trust !== null && { trust }) }
}

interface KeyContext {
  readonly sync: CompiledSync
  readonly index: number
  readonly wanted: WantedKey
  readonly layout: Layout
  readonly births: Births
  readonly identity: number
  readonly segments: readonly SegmentProgram[]
}

function keyProgram(context: KeyContext): KeyProgram | null {
  const { sync, wanted, layout, index } = context
  const text = wantedText(wanted)
  const slots = sync.mappings.filter((mapping) => wantedText(mapping.wanted) === text).flatMap((mapping) => mappingSlots(mapping, context))
  const operands = operandPrograms(context)
  if (slots.length === 0 && operands.length === 0) return null
  const seen = layout.find(seenId(sync.name))!
  return { sync: index, identity: context.identity, seenColumn: seen.number, seenOffset: layout.offsets[seen.number], slots, operands }
}

function mappingSlots(mapping: CompiledMapping, { layout, births }: KeyContext): SlotProgram[] {
  return slotsOf(mapping).map(({ kind, slotId }, index) => {
    const column = layout.find(slotId)!.number
    return {
      column,
      offset: layout.offsets[column],
      kind,
      mapping,
      event: kind === 'event' ? mapping.event : null,
      encode: encoderOf(mapping, kind),
      plain: plainBytes(mapping, kind),
      quick: quickCheck(mapping, kind),
      ignoreNull: kind === 'attribute' && mapping.attribute!.onNull === 'keep',
      bornAt: births.get(slotId) ?? births.get(mapping.id) ?? 0,
      backfill: mapping.backfill,
      storesText: kind === 'attribute' && (mapping.attribute!.mode === 'array-update' || mapping.attribute!.mode === 'objects-by-id'),
      reportsRejections: index === 0,
      cache: new DigestCache(),
    }
  })
}

function encoderOf(mapping: CompiledMapping, kind: SlotProgram['kind']): (value: Json) => EncodeResult {
  if (kind === 'attribute') return mapping.attribute!.encode
  if (kind === 'event') return mapping.event!.encode ?? mapping.cast
  return (value) => {
    const cast = mapping.cast(value)
    return cast.ok ? { ok: true, value: cast.value === true } : cast
  }
}

const QUOTE = 0x22
const LOWER_A = 0x61
/** Text of at most 255 bytes has at most 255 characters, Braze's limit for strings. */
const QUICK_BYTES = 257

/** Booleans, null and short strings need no look at their content; numbers only where not every number will do. */
function quickCheck(mapping: CompiledMapping, kind: SlotProgram['kind']): SlotProgram['quick'] {
  if (kind === 'attribute' && mapping.attribute!.standard) return () => false
  const anyNumber = mapping.type !== 'integer'
  return (firstByte, length) => {
    if (firstByte === QUOTE) return length <= QUICK_BYTES
    if (firstByte >= LOWER_A) return firstByte <= 0x7a
    return anyNumber && firstByte < 0x3a
  }
}

const TYPE_BYTES: Readonly<Record<string, string>> = { string: '"', number: '-0123456789', boolean: 'tf', array: '[', object: '{' }
const EVENT_PLAIN: Readonly<Record<string, readonly string[]>> = {
  string: ['string'],
  number: ['number'],
  integer: ['number'],
  boolean: ['boolean'],
  array: ['array'],
  object: ['object'],
  time: [],
}

function plainBytes(mapping: CompiledMapping, kind: SlotProgram['kind']): Uint8Array {
  const table = new Uint8Array(128)
  const types = kind === 'attribute' ? [...mapping.attribute!.plain] : kind === 'event' ? eventPlain(mapping) : ['boolean']
  for (const type of types) for (const char of TYPE_BYTES[type]) table[char.charCodeAt(0)] = 1
  if (kind === 'attribute' || kind === 'event') table['n'.charCodeAt(0)] = 1
  return table
}

function eventPlain(mapping: CompiledMapping): readonly string[] {
  return mapping.type === null ? Object.keys(TYPE_BYTES) : (EVENT_PLAIN[mapping.type] ?? [])
}

function operandPrograms({ sync, wanted, layout, segments, index }: KeyContext): OperandProgram[] {
  if (wanted.kind === 'enrichment') return []
  const text = wantedText(wanted)
  const mine = segments.filter((program) => program.sync === index)
  const leaves: LeafProgram[] = []
  let cast: ((value: Json) => EncodeResult) | null = null
  for (const program of mine) {
    program.leaves.forEach((leaf) => {
      if (leaf === null || wantedText(leaf.leaf.operand) !== text) return
      leaves.push(leaf)
      cast ??= program.segment.castFor(leaf.leaf.operand)
    })
  }
  if (cast === null) return []
  const column = layout.find(operandId(sync.name, wanted as Operand))!.number
  return [{ column, offset: layout.offsets[column], cast, leaves, columns: columnsOf(leaves, layout) }]
}

function columnsOf(leaves: readonly LeafProgram[], layout: Layout): number[] {
  const columns = new Set<number>()
  for (const leaf of leaves) {
    const column = layout.columns.findLast((candidate) => layout.offsets[candidate.number] <= leaf.offset)!
    columns.add(column.number)
  }
  return [...columns]
}

function segmentProgram(context: {
  sync: CompiledSync
  index: number
  segment: CompiledSegment
  layout: Layout
  births: Births
}): SegmentProgram {
  const { sync, index, segment, layout, births } = context
  return {
    sync: index,
    segment,
    seenOffset: layout.offsetOf(seenId(sync.name)),
    leaves: segment.filter.leaves.map((leaf, at) => (leaf.type === 'event' ? null : leafProgram(leaf, { sync, segment, layout, at }))),
    counters: segment.filter.leaves.map((leaf) => (leaf.type === 'event' ? counterProgram(leaf, sync, layout) : null)),
    slots: slotsOf(segment).map(({ kind, slotId }) => ({ kind, column: layout.find(slotId)!.number })),
    bornAt: births.get(segment.id) ?? 0,
  }
}

function leafProgram(
  leaf: Extract<Leaf, { type: 'value' | 'time' }>,
  place: { sync: CompiledSync; segment: CompiledSegment; layout: Layout; at: number },
): LeafProgram {
  const { sync, segment, layout, at } = place
  if (leaf.type === 'time') return { leaf, offset: layout.offsetOf(instantId(sync.name, leaf.operand)), mask: 0 }
  const bit = at % BITS_PER_COLUMN
  const word = layout.offsetOf(verdictsId(segment, Math.floor(at / BITS_PER_COLUMN))) + (bit >>> 5)
  return { leaf, offset: word, mask: (1 << (bit & 31)) >>> 0 }
}

function counterProgram(leaf: Extract<Leaf, { type: 'event' }>, sync: CompiledSync, layout: Layout): CounterProgram {
  const daily = leaf.withinDays !== null
  const column = layout.find(counterId(sync.name, leaf))!.number
  const narrow = leaf.narrow
  const mappings =
    narrow === null
      ? null
      : new Set(
          sync.mappings
            .filter((mapping) => mapping.wanted.kind === narrow.kind && mapping.wanted.key === narrow.key)
            .map((mapping) => mapping.id),
        )
  return { name: leaf.name, mappings, column, daily }
}

/** The counters of the filters, and a count per event name: recovery compares it with what the destination has. */
function distinctCounters(syncs: readonly CompiledSync[], segments: readonly SegmentProgram[], layout: Layout): CounterProgram[] {
  const byColumn = new Map<number, CounterProgram>()
  for (const segment of segments) for (const counter of segment.counters) if (counter !== null) byColumn.set(counter.column, counter)
  for (const name of syncs.flatMap(eventNamesOf)) {
    const column = layout.find(nameCountId(name))!.number
    byColumn.set(column, { name, mappings: null, column, daily: false })
  }
  return [...byColumn.values()]
}
