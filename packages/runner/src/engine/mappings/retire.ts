import { isRetired, readAttributeSlot, retiredOutput } from '@engage-sync/core'
import type { CompiledSync, Layout, RetiredOutput, RunProgram, StateStore } from '@engage-sync/core'
import type { StoredValue } from '../../state/values/named-value.ts'
import { unsetColumns } from '../../state/values/values.ts'

/**
 * The columns whose attributes are to be unset: named by `retire`, filled by no mapping any more,
 * and not done yet.
 */
export async function retiredColumns(
  store: StateStore,
  syncs: readonly CompiledSync[],
  layout: Layout,
): Promise<readonly RetiredOutput[]> {
  const wanted = new Set(
    syncs.flatMap((sync) => sync.retire.map(({ attribute }) => `${sync.name}:${attribute}`)),
  )
  if (wanted.size === 0) return []
  const done = await unsetColumns.readAll(store)
  const units = syncs.flatMap((sync) => [...sync.mappings, ...sync.segments])
  const used = new Set(units.flatMap(({ encodings }) => encodings.map(({ slotId }) => slotId)))
  return layout.columns.flatMap((column) => {
    const attribute = readAttributeSlot(column.id)
    if (attribute === null || used.has(column.id) || done.has(String(column.number))) return []
    if (!wanted.has(`${attribute.sync}:${attribute.name}`)) return []
    return [retiredOutput(column, attribute)]
  })
}

/** What to store once they were. */
export function retiredValues({ outputs }: RunProgram): readonly StoredValue[] {
  return outputs.flatMap((output) =>
    output !== undefined && isRetired(output)
      ? [unsetColumns.stored(String(output.column), true)]
      : [],
  )
}
