import type { CompiledSync, Json, StateStore } from '@engage-sync/core'
import type { Move } from './tracked-mapping.ts'

const KEY = 'cohort-id:'

/**
 * Gives moved memberships the cohort they had: a cohort's id holds the key it was made under.
 *
 * Shape: compiled syncs in; the same with kept cohort ids out, and the values that remember them.
 */
export async function keepCohortIds(
  store: StateStore,
  syncs: readonly CompiledSync[],
  moves: readonly Move[],
): Promise<{ readonly syncs: readonly CompiledSync[]; readonly values: readonly { readonly key: string; readonly value: Json }[] }> {
  const kept = new Map([...(await store.values(KEY))].map(([key, id]) => [key.slice(KEY.length), String(id)]))
  const values: { key: string; value: Json }[] = []
  for (const { from, to } of moves) {
    const id = kept.get(from) ?? cohortIdOf(from)
    kept.set(to, id)
    values.push({ key: KEY + to, value: id }, { key: KEY + from, value: null })
  }
  if (kept.size === 0) return { syncs, values }
  const keep = <TrackedMapping extends CompiledSync['mappings'][number] | CompiledSync['segments'][number]>(
    unit: TrackedMapping,
  ): TrackedMapping =>
    unit.cohort === null || !kept.has(unit.id) ? unit : { ...unit, cohort: { ...unit.cohort, cohortId: kept.get(unit.id)! } }
  return { syncs: syncs.map((sync) => ({ ...sync, mappings: sync.mappings.map(keep), segments: sync.segments.map(keep) })), values }
}

/** `shoppers:audiences.vip` → `engage-sync:shoppers:vip`. */
function cohortIdOf(unit: string): string {
  const colon = unit.indexOf(':')
  return `engage-sync:${unit.slice(0, colon)}:${unit.slice(unit.indexOf('.', colon) + 1)}`
}
