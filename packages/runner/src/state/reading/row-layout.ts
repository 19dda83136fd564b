import { Layout } from '@engage-sync/core'
import type { StateStore } from '@engage-sync/core'
import { columnRegistry } from '../values/values.ts'

/**
 * The layout of the rows a state holds, from its own registry of columns.
 *
 * @throws {SyncError} `STATE_UNREADABLE` when the registry has gaps
 */
export async function readLayout(store: StateStore): Promise<Layout> {
  return new Layout(await columnRegistry.read(store))
}
