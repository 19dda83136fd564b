import type { NormalisedSync, SourceRange } from '@engage-sync/core'

/** Where each mapping and segment stands in its file, by its id. */
export function mappingPlaces(syncs: readonly NormalisedSync[]): ReadonlyMap<string, SourceRange> {
  const places = new Map<string, SourceRange>()
  for (const { traits, enrichment, audiences, segments } of syncs) {
    for (const section of [traits, enrichment, audiences, segments])
      for (const { id, keyRange } of section.values()) places.set(id, keyRange)
  }
  return places
}
