import type {
  NormalisedAudience,
  NormalisedSegment,
  NormalisedSync,
  NormalisedTrait,
} from '@engage-sync/core'

/** A mapping or segment in long form. */
export type ConfiguredMapping = NormalisedTrait | NormalisedAudience | NormalisedSegment

/** Every mapping of these syncs by its id, in the order of the files. */
export function mappingsById(
  syncs: readonly NormalisedSync[],
): ReadonlyMap<string, ConfiguredMapping> {
  const all = syncs.flatMap(
    ({ traits, enrichment, audiences, segments }): readonly ConfiguredMapping[] => [
      ...traits.values(),
      ...enrichment.values(),
      ...audiences.values(),
      ...segments.values(),
    ],
  )
  return new Map(all.map((mapping) => [mapping.id, mapping]))
}

/** The same by the mapping's id; of one that is not configured any more, its id. */
export function brazeNames(syncs: readonly NormalisedSync[]): (id: string) => string {
  const mappings = mappingsById(syncs)
  return (id) => {
    const mapping = mappings.get(id)
    return mapping === undefined ? id : brazeName(mapping)
  }
}

/** What people in Braze know a mapping by: its cohort, else its attribute, else its event, else its key. */
export function brazeName(mapping: ConfiguredMapping): string {
  if (mapping.kind === 'audience' || mapping.kind === 'segment') {
    const { cohort, attribute, event, key } = mapping
    return cohort?.name ?? attributeText(attribute) ?? event?.entered ?? event?.exited ?? key
  }
  return attributeText(mapping.attribute) ?? mapping.event?.name ?? mapping.key
}

function attributeText(attribute: ConfiguredMapping['attribute']): string | null {
  if (attribute === null) return null
  const name = [attribute.name, ...attribute.path].join('.')
  return attribute.element === null ? name : `${name}[${attribute.element}]`
}
