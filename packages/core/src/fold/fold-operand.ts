import type { Json } from '../json.ts'
import { CHANGED, DUPLICATE, REJECTED, STALE, UNCHANGED } from './classes.ts'
import type { FoldCursor } from './fold-cursor.ts'
import { DIRTY, DOUBTED, ERA_SHIFT } from './encoded.ts'
import type { LeafProgram, OperandProgram } from './program.ts'
import type { OpenPartition } from './rows.ts'

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
    if (cursor.high < words[at + 1] || (cursor.high === words[at + 1] && cursor.low < words[at])) return STALE
  }
  if (!same) {
    const cast = operand.cast(cursor.json())
    if (!cast.ok) return REJECTED
    for (const leaf of operand.leaves) setLeaf(leaf, { open: cursor.open, row: cursor.row, value: cast.value })
    words[at] = cursor.low
    words[at + 1] = cursor.high
  }
  times[timeAt] = cursor.time
  pending.touched[cursor.row] |= DIRTY
  if (!same && cursor.era >= 0) noteEra(cursor)
  return same ? UNCHANGED : CHANGED
}

function noteEra({ open, row, era }: FoldCursor): void {
  const { touched } = open.pending
  const first = touched[row] >> ERA_SHIFT
  if (first === 0) touched[row] |= (era + 1) << ERA_SHIFT
  else if (first !== era + 1) touched[row] |= DOUBTED
}

/** Stores a leaf's verdict on a value: a bit that tells it from the absent verdict, or the instant of a time. */
export function setLeaf(program: LeafProgram, place: { open: OpenPartition; row: number; value: Json }): void {
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

/** A leaf's verdict now. */
export function readLeaf(program: LeafProgram, place: { open: OpenPartition; row: number; nowMs: number }): boolean {
  const { rows } = place.open
  const at = place.row * rows.layout.stride + program.offset
  const { leaf } = program
  if (leaf.type === 'value') return ((rows.words[at] & program.mask) !== 0) !== leaf.absent
  const instant = rows.times[at >> 1]
  return instant === 0 ? leaf.absent : leaf.test(instant, place.nowMs)
}
