import { typesFromFilters } from '../../filter/asked-types.ts'
import type { NormalisedEnvironment } from '../../model/environment.ts'
import type { NormalisedSync } from '../../model/sync.ts'
import type { SyncConfig } from '../../schema/sync.ts'
import { normaliseIdentity } from './identity.ts'
import { normaliseAudience, normaliseSegment, normaliseTrait } from './mapping.ts'
import type { SyncContext } from './mapping.ts'
import { entriesOf } from './reader.ts'
import type { Ranges } from './reader.ts'

/** What a sync is read with. */
export interface SyncPlace {
  readonly name: string
  readonly ranges: Ranges
  /** The one asked for, to look up its source. */
  readonly environment: NormalisedEnvironment | null
}

/** Brings a sync into its long form, defaults applied. */
export function normaliseSync(config: SyncConfig, place: SyncPlace): NormalisedSync {
  const { name, ranges } = place
  const types = typesFromFilters(config.segments)
  const backfill = config.backfill ?? true
  const context: SyncContext = {
    name,
    backfill,
    defaults: config.defaults ?? {},
    filterType: (key) => types.get(key) ?? null,
    ranges,
  }
  return {
    name,
    path: ranges.document.path,
    enabled: config.enabled ?? true,
    description: config.description ?? null,
    owner: config.owner ?? null,
    tags: config.tags ?? [],
    source: sourceOf(config, place),
    backfill,
    identity: normaliseIdentity(config.identity),
    ...mappingsOf(config, context),
    moved: (config.moved ?? []).map((moved, index) => ({
      ...moved,
      range: ranges.rangeOf(['moved', index]),
    })),
    retire: (config.retire ?? []).map((retired, index) => ({
      ...retired,
      range: ranges.rangeOf(['retire', index, 'attribute']),
    })),
    onDelete: config.privacy?.on_delete ?? null,
    range: ranges.rangeOf([]),
  }
}

function sourceOf(
  config: SyncConfig,
  { name, ranges, environment }: SyncPlace,
): NormalisedSync['source'] {
  const range = ranges.rangeOf(['source'])
  if (typeof config.source !== 'string') return { name, config: config.source, range }
  return { name: config.source, config: environment?.sources.get(config.source) ?? null, range }
}

function mappingsOf(
  config: SyncConfig,
  context: SyncContext,
): Pick<NormalisedSync, 'traits' | 'enrichment' | 'audiences' | 'segments'> {
  return {
    traits: new Map(
      entriesOf(config.traits).map(([key, trait]) => [
        key,
        normaliseTrait(['traits', key], trait, context),
      ]),
    ),
    enrichment: new Map(
      entriesOf(config.enrichment).map(([key, trait]) => [
        key,
        normaliseTrait(['enrichment', key], trait, context),
      ]),
    ),
    audiences: new Map(
      entriesOf(config.audiences).map(([key, audience]) => [
        key,
        normaliseAudience(key, audience, context),
      ]),
    ),
    segments: new Map(
      entriesOf(config.segments).map(([key, segment]) => [
        key,
        normaliseSegment(key, segment, context),
      ]),
    ),
  }
}
