import { cohortIdOf, readMappingId } from '@engage-sync/core'
import type {
  CompiledMapping,
  CompiledSegment,
  CompiledSync,
  Encoding,
  StateStore,
} from '@engage-sync/core'
import type { StoredValue } from '../../state/values/named-value.ts'
import { keptCohortIds } from '../../state/values/values.ts'
import type { Move } from './tracked-mapping.ts'

/**
 * Gives moved memberships the cohort they had: a cohort's id holds the key it was made under.
 *
 * Shape: compiled syncs in; the same with kept cohort ids out, and the values that remember them.
 */
export async function keepCohortIds(
  store: StateStore,
  syncs: readonly CompiledSync[],
  moves: readonly Move[],
): Promise<{ readonly syncs: readonly CompiledSync[]; readonly values: readonly StoredValue[] }> {
  const kept = await keptCohortIds.readAll(store)
  const values: StoredValue[] = []
  for (const { from, to } of moves) {
    const id = kept.get(from) ?? cohortIdOf(readMappingId(from))
    kept.set(to, id)
    values.push(keptCohortIds.stored(to, id), keptCohortIds.cleared(from))
  }
  if (kept.size === 0) return { syncs, values }
  const keep = <Unit extends CompiledMapping | CompiledSegment>(unit: Unit): Unit => {
    const cohortId = kept.get(unit.id)
    return cohortId === undefined
      ? unit
      : { ...unit, encodings: unit.encodings.map((each) => withCohortId(each, cohortId)) }
  }
  return {
    syncs: syncs.map((sync) => ({
      ...sync,
      mappings: sync.mappings.map(keep),
      segments: sync.segments.map(keep),
    })),
    values,
  }
}

function withCohortId(encoding: Encoding, cohortId: string): Encoding {
  return encoding.kind === 'cohort' ? { ...encoding, cohortId } : encoding
}
