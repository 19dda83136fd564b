import { FALSE, isNothing, isSameDigest, MEMBER, NULL, readAttributeColumn, retiredOutput, slotsOf } from '@engage-sync/core'
import type { CompiledSync, Layout, OpenPartition, Output, RunProgram, StateStore, ValueText } from '@engage-sync/core'
import type { StoredValue } from '../../state/values/named-value.ts'
import { unsetColumns } from '../../state/values/values.ts'

/** The columns whose attributes are to be unset: named by `retire`, filled by no mapping any more, and not done yet. */
export async function retiredColumns(store: StateStore, syncs: readonly CompiledSync[], layout: Layout): Promise<readonly Output[]> {
  const wanted = new Set(syncs.flatMap((sync) => sync.retire.map(({ attribute }) => `${sync.name}:${attribute}`)))
  if (wanted.size === 0) return []
  const done = await unsetColumns.readAll(store)
  const used = new Set(
    syncs.flatMap((sync) => [...sync.mappings, ...sync.segments].flatMap((unit) => slotsOf(unit).map(({ slotId }) => slotId))),
  )
  return layout.columns.flatMap((column) => {
    const attribute = readAttributeColumn(column.id)
    if (attribute === null || used.has(column.id) || done.has(String(column.number))) return []
    if (!wanted.has(`${attribute.syncName}:${attribute.name}`)) return []
    return [retiredOutput(column)]
  })
}

/** What to store once they were. */
export function retiredValues({ outputs }: RunProgram): readonly StoredValue[] {
  return outputs.flatMap((output) => (output?.sync === -1 ? [unsetColumns.stored(String(output.column), true)] : []))
}

/** Makes the unsetting of retired attributes pending for those of the rows that have them from us. */
export function unsetRetired(open: OpenPartition, outputs: readonly Output[], rows: readonly number[]): void {
  for (const output of outputs) {
    const unset = output.attribute!.mode === 'element' ? FALSE : NULL
    for (const row of rows) unsetRow(open, row, { output, unset })
  }
}

function unsetRow(
  open: OpenPartition,
  row: number,
  { output: { attribute, column }, unset }: { readonly output: Output; readonly unset: ValueText },
): void {
  const { slots } = open.rows
  const held = slots.digest(row, column)
  const hasNothing = isNothing(held) || isSameDigest(held, unset.digest)
  const wasNoMember = attribute!.mode === 'element' && !isSameDigest(held, MEMBER)
  if (hasNothing || wasNoMember) return
  open.propose(row, column, unset.bytes)
  slots.writeDigest(row, column, unset.digest)
  open.pending.notes.touch(row)
}
