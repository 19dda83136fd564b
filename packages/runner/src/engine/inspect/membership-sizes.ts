import { memberCounts } from '../guards/index.ts'
import { resolveMappings } from '../mappings/index.ts'
import type { EngineOptions } from '../request/index.ts'

/**
 * Members the destination has from us, by mapping or segment id; reads every partition, changes
 * nothing.
 */
export async function membershipSizes({
  store,
  syncs,
  now,
}: Pick<EngineOptions, 'store' | 'syncs' | 'now'>): Promise<ReadonlyMap<string, number>> {
  return memberCounts(await resolveMappings(store, syncs, { nowMs: now() })).all(store)
}
