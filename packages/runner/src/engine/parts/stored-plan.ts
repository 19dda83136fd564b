import type { Json, MappingPlan, SourcePosition } from '@engage-sync/core'
import type { PartPlan } from '../request/index.ts'

/** A plan as JSON. */
type StoredPlan = Omit<PartPlan, 'summary' | 'positions'> & {
  readonly summary: Omit<PartPlan['summary'], 'mappings' | 'effect'> & {
    readonly mappings: readonly MappingPlan[]
  }
  readonly positions: Readonly<Record<string, SourcePosition>>
}

/** What a part would do, as JSON that the state keeps until all are judged. */
export function storedPlan(plan: PartPlan): Json {
  const { summary, deletions, rejected, passes, reads, positions } = plan
  const { effect: _, ...counts } = summary
  const stored: StoredPlan = {
    summary: { ...counts, mappings: [...summary.mappings.values()] },
    deletions,
    rejected,
    passes,
    reads,
    positions: Object.fromEntries(positions),
  }
  return stored as unknown as Json
}

/** The same, read again. */
export function planOf(json: Json): PartPlan {
  const { summary, positions, ...plan } = json as unknown as StoredPlan
  const mappings = new Map(summary.mappings.map((mapping) => [mapping.id, mapping]))
  return {
    ...plan,
    summary: { ...summary, mappings, effect: null },
    positions: new Map(Object.entries(positions)),
  }
}
