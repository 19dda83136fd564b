import type { DecodePlan, IdentityRule, Json, WantedKey } from '@engage-sync/contract'
import type { Leaf } from '../filter/compiled.ts'
import type { CompiledSegment, CompiledSync } from '../mapping/compiled.ts'
import { encodedSlot } from '../mapping/encoding.ts'
import type { Layout } from '../rows/layout.ts'
import type { EncodeResult } from '../values/encode-result.ts'
import { eventPrograms } from './event-programs.ts'
import { eventNamesOf, wantedKeys } from './needed-columns.ts'
import {
  BITS_PER_COLUMN,
  counterId,
  identitiesOf,
  instantId,
  nameCountId,
  operandId,
  seenId,
  verdictsId,
  wantedText,
} from './program.ts'
import type {
  CounterProgram,
  FoldProgram,
  KeyProgram,
  LeafProgram,
  OperandProgram,
  SegmentProgram,
  SlotProgram,
} from './program.ts'
import { slotPrograms } from './slot-programs.ts'
import type { Births } from './slot-programs.ts'

type Operand = { kind: 'trait' | 'audience'; key: string; path: readonly string[] }

/** Prepares the syncs of one source for folding. All their columns must be in the layout. */
export function buildProgram(
  syncs: readonly CompiledSync[],
  layout: Layout,
  births: Births,
): FoldProgram {
  const keys = wantedKeys(syncs)
  const identities = identitiesOf(syncs)
  const segments = syncs.flatMap((sync, index) =>
    sync.segments.map((segment) => segmentProgram({ sync, index, segment, layout, births })),
  )
  const programs = keys.map((wanted) =>
    syncs
      .map((sync, index) =>
        keyProgram({
          sync,
          index,
          wanted,
          layout,
          births,
          identity: identities.bySync[index],
          segments,
        }),
      )
      .filter((program) => program !== null),
  )
  const slotByColumn: (SlotProgram | undefined)[] = layout.columns.map(() => undefined)
  for (const program of programs.flat())
    for (const slot of program.slots) slotByColumn[slot.column] = slot
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
function planOf(
  first: CompiledSync | undefined,
  keys: readonly WantedKey[],
  identities: readonly IdentityRule[],
): DecodePlan {
  const trust = first?.trust ?? null
  return {
    keys,
    identities,
    timeField: first?.timeField ?? 'timestamp',
    ...(trust !== null && { trust }),
  }
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
  const slots = sync.mappings
    .filter((mapping) => wantedText(mapping.wanted) === text)
    .flatMap((mapping) => slotPrograms(mapping, context))
  const operands = operandPrograms(context)
  if (slots.length === 0 && operands.length === 0) return null
  const seenColumn = layout.numberOf(seenId(sync.name))
  return {
    sync: index,
    identity: context.identity,
    seenColumn,
    seenOffset: layout.offsets[seenColumn],
    slots,
    operands,
  }
}

function operandPrograms({ sync, wanted, layout, segments, index }: KeyContext): OperandProgram[] {
  if (wanted.kind === 'enrichment') return []
  const text = wantedText(wanted)
  const mine = segments.filter((program) => program.sync === index)
  const leaves: LeafProgram[] = []
  let cast: ((value: Json) => EncodeResult) | null = null
  for (const program of mine) {
    program.leaves.forEach((leaf) => {
      if (leaf.counter !== null || wantedText(leaf.leaf.operand) !== text) return
      leaves.push(leaf)
      cast ??= program.segment.castFor(leaf.leaf.operand)
    })
  }
  if (cast === null) return []
  const column = layout.numberOf(operandId(sync.name, wanted as Operand))
  return [
    {
      column,
      offset: layout.offsets[column],
      cast,
      leaves,
      columns: [...new Set(leaves.map((leaf) => leaf.column))],
    },
  ]
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
    leaves: segment.filter.leaves.map((leaf, at) =>
      leaf.type === 'event'
        ? { leaf, counter: counterProgram(leaf, sync, layout) }
        : leafProgram(leaf, { sync, segment, layout, at }),
    ),
    slots: segment.encodings.map((encoding) =>
      encodedSlot(layout.numberOf(encoding.slotId), encoding),
    ),
    bornAt: births.get(segment.id) ?? 0,
  }
}

function leafProgram(
  leaf: Extract<Leaf, { type: 'value' | 'time' }>,
  place: { sync: CompiledSync; segment: CompiledSegment; layout: Layout; at: number },
): LeafProgram {
  const { sync, segment, layout, at } = place
  if (leaf.type === 'time') {
    const column = layout.numberOf(instantId(sync.name, leaf.operand))
    return { leaf, counter: null, column, offset: layout.offsets[column], mask: 0 }
  }
  const column = layout.numberOf(verdictsId(segment, Math.floor(at / BITS_PER_COLUMN)))
  const bit = at % BITS_PER_COLUMN
  return {
    leaf,
    counter: null,
    column,
    offset: layout.offsets[column] + (bit >>> 5),
    mask: (1 << (bit & 31)) >>> 0,
  }
}

function counterProgram(
  leaf: Extract<Leaf, { type: 'event' }>,
  sync: CompiledSync,
  layout: Layout,
): CounterProgram {
  const daily = leaf.withinDays !== null
  const column = layout.numberOf(counterId(sync.name, leaf))
  const narrow = leaf.narrow
  const mappings =
    narrow === null
      ? null
      : new Set(
          sync.mappings
            .filter(
              (mapping) => mapping.wanted.kind === narrow.kind && mapping.wanted.key === narrow.key,
            )
            .map((mapping) => mapping.id),
        )
  return { name: leaf.name, mappings, column, daily }
}

/**
 * The counters of the filters, and a count per event name: recovery compares it with what the
 * destination has.
 */
function distinctCounters(
  syncs: readonly CompiledSync[],
  segments: readonly SegmentProgram[],
  layout: Layout,
): CounterProgram[] {
  const byColumn = new Map<number, CounterProgram>()
  for (const segment of segments)
    for (const { counter } of segment.leaves)
      if (counter !== null) byColumn.set(counter.column, counter)
  for (const name of syncs.flatMap(eventNamesOf)) {
    const column = layout.numberOf(nameCountId(name))
    byColumn.set(column, { name, mappings: null, column, daily: false })
  }
  return [...byColumn.values()]
}
