import type { Json } from '@engage-sync/contract'
import { MAX_STRING_CHARACTERS } from '../braze/limits.ts'
import type { CompiledMapping } from '../mapping/compiled.ts'
import { encodedSlot } from '../mapping/encoding.ts'
import type { Encoding } from '../mapping/encoding.ts'
import type { Layout } from '../rows/layout.ts'
import type { EncodeResult } from '../values/encode-result.ts'
import { DigestCache } from './digest-cache.ts'
import type { SlotProgram } from './program.ts'

/**
 * When each mapping was born, milliseconds, by mapping or segment id; a slot younger than its
 * mapping by slot id.
 */
export type Births = ReadonlyMap<string, number>

/**
 * What folding does with each slot of a mapping: attribute, event, cohort, subscription group.
 *
 * Shape: in the order of its encodings. All its columns must be in the layout.
 */
export function slotPrograms(
  mapping: CompiledMapping,
  { layout, births }: { readonly layout: Layout; readonly births: Births },
): SlotProgram[] {
  return mapping.encodings.map((encoding) => {
    const column = layout.numberOf(encoding.slotId)
    return {
      ...encodedSlot(column, encoding),
      offset: layout.offsets[column],
      mapping,
      encode: encoderOf(mapping, encoding),
      plain: plainBytes(mapping, encoding),
      omitsNulls: replacesWhole(encoding),
      quick: quickCheck(mapping, encoding),
      ignoreNull: encoding.kind === 'attribute' && encoding.onNull === 'keep',
      bornAt: births.get(encoding.slotId) ?? births.get(mapping.id) ?? 0,
      backfill: mapping.backfill,
      storesText: sendsDifferences(encoding),
      cache: new DigestCache(),
    }
  })
}

function sendsDifferences(encoding: Encoding): boolean {
  if (encoding.kind !== 'attribute') return false
  return encoding.mode === 'array-update' || encoding.mode === 'objects-by-id'
}

function replacesWhole(encoding: Encoding): boolean {
  return encoding.kind === 'attribute' && encoding.mode === 'replace' && encoding.path.length === 0
}

function encoderOf(mapping: CompiledMapping, encoding: Encoding): (value: Json) => EncodeResult {
  if (encoding.kind === 'attribute' || encoding.kind === 'event') return encoding.encode
  return (value) => {
    const cast = mapping.cast(value)
    return cast.ok ? { ok: true, value: cast.value === true } : cast
  }
}

const QUOTE = 0x22
const LOWER_A = 0x61
/** With its quotes; a text has no more characters than bytes. */
const QUICK_BYTES = MAX_STRING_CHARACTERS + 2

/**
 * Booleans, null and short strings need no look at their content; numbers only where not every
 * number will do.
 */
function quickCheck(mapping: CompiledMapping, encoding: Encoding): SlotProgram['quick'] {
  if (encoding.kind === 'attribute' && encoding.standard) return () => false
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

function plainBytes(mapping: CompiledMapping, encoding: Encoding): Uint8Array {
  const table = new Uint8Array(128)
  for (const type of plainTypes(mapping, encoding))
    for (const char of TYPE_BYTES[type]) table[char.charCodeAt(0)] = 1
  if (encoding.kind === 'attribute' || encoding.kind === 'event') table['n'.charCodeAt(0)] = 1
  return table
}

function plainTypes(mapping: CompiledMapping, encoding: Encoding): Iterable<string> {
  if (encoding.kind === 'attribute') return encoding.plain
  return encoding.kind === 'event' ? eventPlain(mapping) : ['boolean']
}

function eventPlain(mapping: CompiledMapping): readonly string[] {
  return mapping.type === null ? Object.keys(TYPE_BYTES) : (EVENT_PLAIN[mapping.type] ?? [])
}
