import { isSlotOf } from '@engage-sync/core'
import type { Column, StateStore } from '@engage-sync/core'
import { columnRegistry } from '../values/values.ts'

/**
 * Forgets what the state knows of one mapping: when it was born, how it read its source, and what of
 * it was delivered. A run that finds it in the configuration has a new one before it.
 *
 * The rows stay as they are. Their columns get names that no mapping can have, since a column's
 * number is never used again.
 *
 * @param epoch - of the lease the caller holds
 */
export async function removeMapping(store: StateStore, id: string, epoch: number): Promise<void> {
  const registry = await columnRegistry.read(store)
  const left = registry.map((column) => (isSlotOf(id, column.id) ? nobodys(column) : column))
  await store.commit({ epoch, removeMappings: [id], values: [columnRegistry.stored(left)] })
}

function nobodys({ number, kind }: Column): Column {
  return { number, id: `removed column ${number}`, kind }
}
