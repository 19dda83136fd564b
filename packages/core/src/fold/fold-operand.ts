import type { Json } from '@engage-sync/contract'
import type { OpenPartition, RowPlace } from '../rows/pending/open-partition.ts'
import { DIRTY, DOUBTED, UNCONFIRMED_RUN_SHIFT } from '../rows/pending/row-notes.ts'
import { CHANGED, DUPLICATE, REJECTED, STALE, UNCHANGED } from './classes.ts'
import type { FoldCursor } from './fold-cursor.ts'
import type { LeafProgram, OperandProgram } from './program.ts'

/** Stored for the epoch itself, since zero means "no time". */
const ALMOST_ZERO = Number.MIN_VALUE

/** Renews the verdicts of the leaves that read the cursor's value; returns its class bit. */
export function foldOperand(operand: OperandProgram, cursor: FoldCursor): number {
  const { rows, pending } = cursor.open
  const { words, times } = rows
  const at = cursor.row * rows.layout.stride + operand.offset
  const timeAt = (at + 2) >> 1
  if (cursor.time < times[timeAt]) return STALE
  const same = words[at] === cursor.low && words[at + 1] === cursor.high
  if (cursor.time === times[timeAt]) {
    if (same) return DUPLICATE
    if (cursor.high < words[at + 1] || (cursor.high === words[at + 1] && cursor.low < words[at]))
      return STALE
  }
  if (!same) {
    const cast = operand.cast(cursor.json())
    if (!cast.ok) return REJECTED
    for (const leaf of operand.leaves)
      setLeaf(leaf, { open: cursor.open, row: cursor.row, value: cast.value })
    words[at] = cursor.low
    words[at + 1] = cursor.high
  }
  times[timeAt] = cursor.time
  pending.notes.note(cursor.row, DIRTY)
  if (!same && cursor.unconfirmedRunIndex >= 0) noteUnconfirmedRun(cursor)
  return same ? UNCHANGED : CHANGED
}

function noteUnconfirmedRun({ open, row, unconfirmedRunIndex }: FoldCursor): void {
  const { notes } = open.pending
  const first = notes.bits[row] >> UNCONFIRMED_RUN_SHIFT
  if (first === 0) notes.note(row, (unconfirmedRunIndex + 1) << UNCONFIRMED_RUN_SHIFT)
  else if (first !== unconfirmedRunIndex + 1) notes.note(row, DOUBTED)
}

/**
 * Stores a leaf's verdict on a value: a bit that tells it from the absent verdict, or the instant
 * of a time.
 */
export function setLeaf(
  program: LeafProgram,
  place: { open: OpenPartition; row: number; value: Json },
): void {
  const { rows } = place.open
  const at = place.row * rows.layout.stride + program.offset
  const { leaf } = program
  if (leaf.type === 'time') {
    const instant = place.value === null ? null : leaf.read(place.value)
    rows.times[at >> 1] = instant === null ? 0 : instant === 0 ? ALMOST_ZERO : instant
    return
  }
  if (leaf.test(place.value) !== leaf.absent) rows.words[at] |= program.mask
  else rows.words[at] &= ~program.mask
}

/** The instant behind a leaf of a time, milliseconds; 0 when there is none. */
export function readInstant(
  program: LeafProgram,
  { open: { rows }, row }: { open: OpenPartition; row: number },
): number {
  return rows.times[(row * rows.layout.stride + program.offset) >> 1]
}

/**
 * Gives a row the verdict another row has. Words are shared by leaves of several operands, so bits
 * are copied one by one.
 */
export function copyLeaf({ offset, mask }: LeafProgram, from: RowPlace, into: RowPlace): void {
  const source = from.open.rows
  const target = into.open.rows
  const at = from.row * source.layout.stride + offset
  const to = into.row * target.layout.stride + offset
  if (mask === 0) target.times[to >> 1] = source.times[at >> 1]
  else target.words[to] = (target.words[to] & ~mask) | (source.words[at] & mask)
}

/** A leaf's verdict now. */
export function readLeaf(
  program: LeafProgram,
  place: { open: OpenPartition; row: number; nowMs: number },
): boolean {
  const { rows } = place.open
  const at = place.row * rows.layout.stride + program.offset
  const { leaf } = program
  if (leaf.type === 'value') return ((rows.words[at] & program.mask) !== 0) !== leaf.absent
  const instant = rows.times[at >> 1]
  return instant === 0 ? leaf.absent : leaf.test(instant, place.nowMs)
}
