import { isSameJson } from '@engage-sync/core'
import type { CompiledSync, MappingOptions, StateStore } from '@engage-sync/core'
import { optionsOfSyncs } from '../../state/values/values.ts'
import type { StoredValue } from '../../state/values/named-value.ts'

/** A sync that is set otherwise than it was, beside its mappings. */
export interface ChangedSync {
  readonly sync: string
  readonly before: MappingOptions
  readonly after: MappingOptions
}

/** What is set otherwise than the state has it. Older versions kept nothing: of those, nothing is told. */
export async function changedSyncs(
  store: StateStore,
  syncs: readonly CompiledSync[],
): Promise<readonly ChangedSync[]> {
  return changedAmong(await optionsOfSyncs.readAll(store), syncs)
}

/** The syncs of one configuration that are set otherwise in another. */
export function syncsBetween(
  before: readonly CompiledSync[],
  after: readonly CompiledSync[],
): readonly ChangedSync[] {
  return changedAmong(new Map(before.map(({ name, options }) => [name, options])), after)
}

function changedAmong(
  known: ReadonlyMap<string, MappingOptions>,
  syncs: readonly CompiledSync[],
): readonly ChangedSync[] {
  return syncs.flatMap(({ name, options: after }) => {
    const before = known.get(name)
    return before === undefined || isSameJson(before, after) ? [] : [{ sync: name, before, after }]
  })
}

/** What a run that is whole keeps of its syncs. */
export function keptSyncOptions(syncs: readonly CompiledSync[]): readonly StoredValue[] {
  return syncs.map(({ name, options }) => optionsOfSyncs.stored(name, options))
}
