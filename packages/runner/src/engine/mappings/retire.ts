import { MEMBER, NO_MEMBER, readAttributeColumn, retiredOutput, slotsOf, TOUCHED } from '@engage-sync/core'
import type { CompiledSync, Layout, OpenPartition, Output, RunProgram, StateStore } from '@engage-sync/core'
import { NULL_DIGEST } from '../partitions/digests.ts'

/** Key of a retired column that has been unset for every user. */
function retiredKey(column: number): string {
  return `retired:${column}`
}

/** The columns whose attributes are to be unset: named by `retire`, filled by no mapping any more, and not done yet. */
export async function retiredColumns(store: StateStore, syncs: readonly CompiledSync[], layout: Layout): Promise<readonly Output[]> {
  const wanted = new Set(syncs.flatMap((sync) => sync.retire.map(({ attribute }) => `${sync.name}:${attribute}`)))
  if (wanted.size === 0) return []
  const done = await store.values(retiredKey(0).slice(0, -1))
  const used = new Set(
    syncs.flatMap((sync) => [...sync.mappings, ...sync.segments].flatMap((unit) => slotsOf(unit).map(({ slotId }) => slotId))),
  )
  return layout.columns.flatMap((column) => {
    const attribute = readAttributeColumn(column.id)
    if (attribute === null || used.has(column.id) || done.has(retiredKey(column.number))) return []
    if (!wanted.has(`${attribute.syncName}:${attribute.name}`)) return []
    return [retiredOutput(column, layout.offsets[column.number])]
  })
}

/** What to store once they were. */
export function retiredValues({ outputs }: RunProgram): readonly { readonly key: string; readonly value: true }[] {
  return outputs.flatMap((output) => (output?.sync === -1 ? [{ key: retiredKey(output.column), value: true }] : []))
}

/** Makes the unsetting of retired attributes pending for those of the rows that have them from us. */
export function unsetRetired(open: OpenPartition, outputs: readonly Output[], rows: readonly number[]): void {
  for (const output of outputs) {
    const isElement = output.attribute!.mode === 'element'
    const unset = isElement ? NO_MEMBER : NULL_DIGEST
    for (const row of rows) unsetRow(open, row, { output, unset, text: isElement ? FALSE_TEXT : NULL_TEXT })
  }
}

function unsetRow(
  open: OpenPartition,
  row: number,
  how: { readonly output: Output; readonly unset: { readonly low: number; readonly high: number }; readonly text: Uint8Array },
): void {
  const { rows, pending } = open
  const { output, unset, text } = how
  const at = row * rows.layout.stride + output.offset
  const low = rows.words[at]
  const high = rows.words[at + 1]
  const hasNothing = (low === 0 && high === 0) || (low === unset.low && high === unset.high)
  const wasNoMember = output.attribute!.mode === 'element' && (low !== MEMBER.low || high !== MEMBER.high)
  if (hasNothing || wasNoMember) return
  const entry = pending.add(row, output.column, { low, high, time: rows.times[(at + 2) >> 1] })
  pending.value[entry] = pending.arena.add(text, 0, text.length)
  pending.length[entry] = text.length
  rows.words[at] = unset.low
  rows.words[at + 1] = unset.high
  pending.touched[row] |= TOUCHED
}

const NULL_TEXT = new TextEncoder().encode('null')
const FALSE_TEXT = new TextEncoder().encode('false')
