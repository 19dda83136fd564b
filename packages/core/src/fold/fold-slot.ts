import { FLAG_BITS, PENDING_DOUBT } from '../rows/pending/pending-flags.ts'
import { CHANGED, DUPLICATE, SKIPPED, STALE, UNCHANGED } from './classes.ts'
import {
  digestFor,
  encodeFor,
  isLarger,
  isRefused,
  NULL_BYTE,
  renew,
  saysNothing,
  setKnown,
  setSlot,
} from './encoded.ts'
import type { FoldCursor } from './fold-cursor.ts'
import { foldEvent } from './fold-event.ts'
import type { SlotProgram } from './program.ts'

/** Folds the cursor's value into one slot of the cursor's row; returns its class bit. */
export function foldSlot(slot: SlotProgram, cursor: FoldCursor): number {
  const { rows } = cursor.open
  const { encoded } = cursor
  const at = cursor.row * rows.layout.stride + slot.offset
  const known = rows.times[(at + 2) >> 1]
  if (slot.kind === 'event') return foldEvent(slot, cursor, at)
  if (cursor.time < known) return STALE
  if (!digestFor(slot, cursor)) return cursor.refusal
  const same = rows.words[at] === encoded.low && rows.words[at + 1] === encoded.high
  if (cursor.time === known) {
    if (same) return DUPLICATE
    if (!isLarger(cursor, rows.words[at], rows.words[at + 1])) return STALE
  } else if (same)
    return cursor.resendsColumn(slot.column)
      ? foldSame(slot, cursor, at)
      : renew(cursor, at, UNCHANGED)
  return foldNew(slot, cursor, at)
}

function foldNew(slot: SlotProgram, cursor: FoldCursor, at: number): number {
  const { words } = cursor.open.rows
  const { encoded } = cursor
  if (slot.ignoreNull && cursor.bytes[cursor.from] === NULL_BYTE) return UNCHANGED
  if (isRefused(slot, cursor, encoded.low, encoded.high)) return withdraw(slot, cursor, at)
  if (cursor.time < slot.bornAt && !slot.backfill) return setKnown(cursor, at, SKIPPED)
  if (
    words[at] === 0 &&
    words[at + 1] === 0 &&
    saysNothing(encoded.bytes[encoded.from], slot.encoding)
  )
    return setKnown(cursor, at, UNCHANGED)
  if (!encodeFor(slot, cursor)) return cursor.refusal
  return change(slot, cursor, at)
}

/**
 * The value is what was delivered last, and is sent again, unless there is nothing to be seen of
 * it.
 */
function foldSame(slot: SlotProgram, cursor: FoldCursor, at: number): number {
  if (cursor.time < slot.bornAt && !slot.backfill) return renew(cursor, at, SKIPPED)
  if (!encodeFor(slot, cursor)) return cursor.refusal
  const { encoded } = cursor
  const isAbsent = saysNothing(encoded.bytes[encoded.from], slot.encoding)
  if (isAbsent && !cursor.resendsAbsent) return renew(cursor, at, UNCHANGED)
  return change(slot, cursor, at)
}

/** The newest value is one that was refused: nothing is sent, and nothing older than it either. */
function withdraw(slot: SlotProgram, cursor: FoldCursor, at: number): number {
  const { rows, pending } = cursor.open
  const entry = pending.find(cursor.row, slot.column)
  if (entry >= 0) {
    rows.words[at] = pending.beforeLow[entry]
    rows.words[at + 1] = pending.beforeHigh[entry]
    pending.turn(entry, 'withdraw')
    cursor.superseded++
  }
  return renew(cursor, at, UNCHANGED)
}

function change(slot: SlotProgram, cursor: FoldCursor, at: number): number {
  const { rows, pending } = cursor.open
  const { encoded } = cursor
  const { words, times } = rows
  let entry = pending.find(cursor.row, slot.column)
  if (entry < 0)
    entry = pending.add(cursor.row, slot.column, {
      low: words[at],
      high: words[at + 1],
      time: times[(at + 2) >> 1],
    })
  else cursor.superseded++
  // The turn `propose`, which every life but `marked` has, and nothing is marked before all is
  // folded.
  pending.flags[entry] &= FLAG_BITS
  const isLost =
    cursor.resendsColumn(slot.column) &&
    (pending.beforeLow[entry] !== 0 || pending.beforeHigh[entry] !== 0)
  if (isLost || cursor.isInDoubt(slot.column)) pending.flags[entry] |= PENDING_DOUBT
  pending.value[entry] = pending.arena.add(encoded.bytes, encoded.from, encoded.to)
  pending.length[entry] = encoded.to - encoded.from
  setSlot(cursor, at)
  return CHANGED
}
