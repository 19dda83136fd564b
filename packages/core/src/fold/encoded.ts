import { canonicalText } from '@engage-sync/contract'
import type { Encoding } from '../mapping/encoding.ts'
import { hashText } from '../rows/hash/digest.ts'
import { hashOut } from '../rows/hash/murmur.ts'
import { DIRTY, REFUSED } from '../rows/pending/row-notes.ts'
import { losesDigits } from '../values/cast.ts'
import type { EncodeResult } from '../values/encode-result.ts'
import { DUPLICATE, REJECTED } from './classes.ts'
import type { FoldCursor } from './fold-cursor.ts'
import type { SlotProgram } from './program.ts'

/** First byte of the text `null`. */
export const NULL_BYTE = 0x6e
/** First byte of the text `false`. */
export const FALSE_BYTE = 0x66

/** Writes the encoded digest and the record's time into the slot. */
export function setSlot(cursor: FoldCursor, at: number): void {
  const { words, times } = cursor.open.rows
  words[at] = cursor.encoded.low
  words[at + 1] = cursor.encoded.high
  times[(at + 2) >> 1] = cursor.time
}

/** Only the time moves: the value is what it was. */
export function renew(cursor: FoldCursor, at: number, bit: number): number {
  cursor.open.rows.times[(at + 2) >> 1] = cursor.time
  cursor.open.pending.notes.note(cursor.row, DIRTY)
  return bit
}

/** The value is now known though nothing is sent. */
export function setKnown(cursor: FoldCursor, at: number, bit: number): number {
  setSlot(cursor, at)
  cursor.open.pending.notes.note(cursor.row, DIRTY)
  return bit
}

/** Whether the cursor's encoded digest is larger than another: the tie-break at equal times. */
export function isLarger({ encoded }: FoldCursor, low: number, high: number): boolean {
  return encoded.high > high || (encoded.high === high && encoded.low > low)
}

/**
 * Finds the digest of the cursor's value in the slot's terms, without parsing where its bytes
 * already are those terms.
 *
 * False when the slot cannot take the value; the rejection has been told, once per value.
 */
export function digestFor(slot: SlotProgram, cursor: FoldCursor): boolean {
  const { encoded } = cursor
  if (isPlain(slot, cursor) || holdsWithNulls(slot, cursor)) {
    encoded.low = cursor.low
    encoded.high = cursor.high
    encoded.bytes = cursor.bytes
    encoded.from = cursor.from
    encoded.to = cursor.to
    return true
  }
  if (!slot.cache.find(cursor.low, cursor.high)) return encodeFor(slot, cursor)
  encoded.low = slot.cache.low
  encoded.high = slot.cache.high
  encoded.bytes = cursor.bytes
  encoded.from = cursor.from
  encoded.to = cursor.from
  return true
}

const OPEN_ARRAY = 0x5b
const OPEN_OBJECT = 0x7b
const COLON = 0x3a

/** Whether the value's bytes are what the slot holds and sends. */
function isPlain(slot: SlotProgram, { bytes, from, to }: FoldCursor): boolean {
  const first = bytes[from]
  if (slot.plain[first] !== 1) return false
  return !slot.omitsNulls || !isNested(first) || !mayHoldNullMember(bytes, from, to)
}

function isNested(first: number): boolean {
  return first === OPEN_OBJECT || first === OPEN_ARRAY
}

/** False only where it does not: a text may look like one. */
function mayHoldNullMember(bytes: Uint8Array, from: number, to: number): boolean {
  for (let at = from + 1; at < to; at++)
    if (bytes[at] === NULL_BYTE && bytes[at - 1] === COLON) return true
  return false
}

/** Whether an earlier version delivered this very value, whose null members travelled then. */
function holdsWithNulls(slot: SlotProgram, cursor: FoldCursor): boolean {
  if (!slot.omitsNulls || !isNested(cursor.bytes[cursor.from])) return false
  const { rows } = cursor.open
  const at = cursor.row * rows.layout.stride + slot.offset
  return rows.words[at] === cursor.low && rows.words[at + 1] === cursor.high
}

/** Encodes the cursor's value for the slot; false when it cannot be. */
export function encodeFor(slot: SlotProgram, cursor: FoldCursor): boolean {
  const keepsBytes = isPlain(slot, cursor)
  if (keepsBytes && slot.quick(cursor.bytes[cursor.from], cursor.to - cursor.from)) return true
  const result = keepsDigits(slot, cursor) ?? slot.encode(cursor.json())
  if (!result.ok) {
    rejectValue(slot, cursor, result.rejection)
    return false
  }
  if (keepsBytes) return true
  const { encoded } = cursor
  encoded.bytes = hashText(canonicalText(result.value))
  encoded.from = 0
  encoded.to = encoded.bytes.length
  encoded.low = hashOut[0]
  encoded.high = hashOut[1]
  slot.cache.set(cursor.low, cursor.high, encoded.low, encoded.high)
  return true
}

/**
 * Null when the slot's cast decides, which is given the digits; the rejection when some would be
 * lost unseen.
 */
function keepsDigits(slot: SlotProgram, cursor: FoldCursor): EncodeResult | null {
  const exact = cursor.exact()
  if (exact === null) return null
  if (exact.place.length > 0) return losesDigits(exact.place)
  // Without a type there is no cast, and Braze would get a text where it got numbers before.
  return slot.mapping.type === null ? losesDigits([]) : null
}

function rejectValue(
  slot: SlotProgram,
  cursor: FoldCursor,
  rejection: { code: string; message: string },
): void {
  const { mapping } = slot
  const isAgain = isRefused(slot, cursor, cursor.low, cursor.high) && !cursor.reportsAgain
  cursor.refusal = isAgain && cursor.repeats ? DUPLICATE : REJECTED
  if (cursor.refusal === DUPLICATE) return
  if (isAgain) {
    if (cursor.tellsRejection(mapping.id))
      cursor.listener.valueRejectedAgain?.({ mapping: mapping.id, rejection })
    return
  }
  cursor.open.noteRefused(cursor.row, slot.column, { low: cursor.low, high: cursor.high })
  cursor.open.pending.notes.note(cursor.row, DIRTY | REFUSED)
  if (cursor.tellsRejection(mapping.id))
    cursor.listener.valueRejected({
      record: cursor.record,
      mapping: mapping.id,
      sync: mapping.sync,
      column: slot.column,
      rejection,
      json: cursor.json(),
    })
}

/** Whether Braze, or the mapping, refused this very value before. */
export function isRefused(
  slot: SlotProgram,
  cursor: FoldCursor,
  low: number,
  high: number,
): boolean {
  const { refused } = cursor.open.rows
  if (refused.size === 0) return false
  const digest = refused.get(cursor.row, slot.column)
  return digest !== undefined && digest.low === low && digest.high === high
}

/**
 * A null is nothing to say about a user of whom nothing was said, and neither is not being a
 * member, but for an attribute of its own that holds it. Takes a text's first byte.
 */
export function saysNothing(firstByte: number, encoding: Encoding): boolean {
  if (firstByte === NULL_BYTE) return true
  return firstByte === FALSE_BYTE && (encoding.kind !== 'attribute' || encoding.mode === 'element')
}
