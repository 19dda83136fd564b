import { DIRTY, TOUCHED } from './encoded.ts'
import type { FoldCursor } from './fold-cursor.ts'
import { foldOperand } from './fold-operand.ts'
import { foldSlot } from './fold-slot.ts'
import type { KeyProgram } from './program.ts'

/** Folds the cursor's value into all that a sync does with its key, in the cursor's row; returns its class bits. */
export function foldKey(program: KeyProgram, cursor: FoldCursor): number {
  const { open, row } = cursor
  const seen = row * open.rows.layout.stride + program.seenOffset
  open.pending.touched[row] |= TOUCHED
  if (open.rows.words[seen] === 0) {
    open.rows.words[seen] = 1
    open.pending.touched[row] |= DIRTY
  }
  let bits = 0
  for (let index = 0; index < program.slots.length; index++) bits |= foldSlot(program.slots[index], cursor)
  const known = bits
  for (let index = 0; index < program.operands.length; index++) bits |= foldOperand(program.operands[index], cursor)
  return known === 0 ? bits : known
}
