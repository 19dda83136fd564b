import { FALSE, isNothing, isSameDigest, MEMBER, NULL } from '@engage-sync/core'
import type { OpenPartition, OutputOf, ValueText } from '@engage-sync/core'

/**
 * Makes the unsetting of retired attributes pending for those of the rows that have them from us.
 */
export function unsetRetired(
  open: OpenPartition,
  outputs: readonly OutputOf<'attribute'>[],
  rows: readonly number[],
): void {
  for (const output of outputs) {
    const unset = output.encoding.mode === 'element' ? FALSE : NULL
    for (const row of rows) unsetRow(open, row, { output, unset })
  }
}

function unsetRow(
  open: OpenPartition,
  row: number,
  {
    output: { encoding, column },
    unset,
  }: { readonly output: OutputOf<'attribute'>; readonly unset: ValueText },
): void {
  const { slots } = open.rows
  const held = slots.digest(row, column)
  const hasNothing = isNothing(held) || isSameDigest(held, unset.digest)
  const wasNoMember = encoding.mode === 'element' && !isSameDigest(held, MEMBER)
  if (hasNothing || wasNoMember) return
  open.propose(row, column, unset.bytes)
  slots.writeDigest(row, column, unset.digest)
  open.pending.notes.touch(row)
}
