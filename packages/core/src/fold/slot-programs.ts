import type { Json } from '../json.ts'
import type { CompiledMapping } from '../mapping/compiled.ts'
import type { Layout } from '../rows/layout.ts'
import type { EncodeResult } from '../values/encode-result.ts'
import { DigestCache } from './digest-cache.ts'
import { slotsOf } from './needed-columns.ts'
import type { SlotProgram } from './program.ts'

/**
 * When each mapping was born, milliseconds, by mapping or segment id; a slot younger than its
 * mapping by slot id.
 */
export type Births = ReadonlyMap<string, number>

/**
 * What folding does with each slot of a mapping: attribute, event, cohort, subscription group.
 *
 * Shape: in the order of `slotsOf`; the first one reports the values that are rejected. All its
 * columns must be in the layout.
 */
export function slotPrograms(
  mapping: CompiledMapping,
  { layout, births }: { readonly layout: Layout; readonly births: Births },
): SlotProgram[] {
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
      storesText:
        kind === 'attribute' &&
        (mapping.attribute!.mode === 'array-update' || mapping.attribute!.mode === 'objects-by-id'),
      reportsRejections: index === 0,
      cache: new DigestCache(),
    }
  })
}

function encoderOf(
  mapping: CompiledMapping,
  kind: SlotProgram['kind'],
): (value: Json) => EncodeResult {
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

/**
 * Booleans, null and short strings need no look at their content; numbers only where not every
 * number will do.
 */
function quickCheck(mapping: CompiledMapping, kind: SlotProgram['kind']): SlotProgram['quick'] {
  if (kind === 'attribute' && mapping.attribute!.standard) return () => false
  const anyNumber = mapping.type !== 'integer'
  return (firstByte, length) => {
    if (firstByte === QUOTE) return length <= QUICK_BYTES
    if (firstByte >= LOWER_A) return firstByte <= 0x7a
    return anyNumber && firstByte < 0x3a
  }
}

const TYPE_BYTES: Readonly<Record<string, string>> = {
  string: '"',
  number: '-0123456789',
  boolean: 'tf',
  array: '[',
  object: '{',
}
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
  const types =
    kind === 'attribute'
      ? [...mapping.attribute!.plain]
      : kind === 'event'
        ? eventPlain(mapping)
        : ['boolean']
  for (const type of types) for (const char of TYPE_BYTES[type]) table[char.charCodeAt(0)] = 1
  if (kind === 'attribute' || kind === 'event') table['n'.charCodeAt(0)] = 1
  return table
}

function eventPlain(mapping: CompiledMapping): readonly string[] {
  return mapping.type === null ? Object.keys(TYPE_BYTES) : (EVENT_PLAIN[mapping.type] ?? [])
}
