import { Layout } from '@engage-sync/core'
import type { Column, StateStore } from '@engage-sync/core'
import { REGISTRY } from '../../engine/mappings/resolve.ts'

/**
 * The layout of the rows a state holds, from its own registry of columns.
 *
 * @throws {SyncError} `STATE_UNREADABLE` when the registry has gaps
 */
export async function readLayout(store: StateStore): Promise<Layout> {
  const stored = (await store.values(REGISTRY)).get(REGISTRY) ?? []
  return new Layout(stored as unknown as readonly Column[])
}
