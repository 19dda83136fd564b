import { DIRTY, TOUCHED } from '../rows/pending/row-notes.ts'
import { STALE } from './classes.ts'
import type { FoldCursor } from './fold-cursor.ts'
import { foldOperand } from './fold-operand.ts'
import { foldSlot } from './fold-slot.ts'
import { SEEN } from './program.ts'
import type { KeyProgram } from './program.ts'

/**
 * Folds the cursor's value into all that a sync does with its key, in the cursor's row; returns its
 * class bits.
 */
export function foldKey(program: KeyProgram, cursor: FoldCursor): number {
  const { open, row, frozen } = cursor
  open.pending.notes.note(row, TOUCHED)
  let bits = 0
  for (let index = 0; index < program.slots.length; index++) {
    if (frozen !== null && frozen.has(program.slots[index].column)) cursor.isFrozen = true
    else bits |= foldSlot(program.slots[index], cursor)
  }
  const known = bits
  for (let index = 0; index < program.operands.length; index++)
    bits |= foldOperand(program.operands[index], cursor)
  if (bits !== STALE) see(program, cursor)
  return known === 0 ? bits : known
}

/**
 * The user is one the sync knows, also one who was gone: but for what is older than that, which
 * changes nothing.
 */
function see({ seenOffset }: KeyProgram, { open: { rows, pending }, row }: FoldCursor): void {
  const at = row * rows.layout.stride + seenOffset
  if (rows.words[at] === SEEN) return
  rows.words[at] = SEEN
  pending.notes.note(row, DIRTY)
}
