import { standardType } from '../../braze/attribute-names.ts'
import type {
  NormalisedAudience,
  NormalisedMapping,
  NormalisedMembership,
  NormalisedSegment,
  NormalisedTrait,
} from '../../model/mapping.ts'
import { splitDottedName } from '../../names/dotted-name.ts'
import type { AudienceConfig, SegmentConfig, TraitConfig } from '../../schema/mapping.ts'
import type { SyncConfig } from '../../schema/sync.ts'
import type { ValueType } from '../../values/value-type.ts'
import { normaliseAttribute, normaliseEvent, normaliseMembershipEvent } from './encodings.ts'
import type { Ranges } from './reader.ts'
import { mappingId } from '../../names/mapping-id.ts'

/** What all mappings of one sync share. */
export interface SyncContext {
  readonly name: string
  readonly backfill: boolean
  readonly defaults: NonNullable<SyncConfig['defaults']>
  /** The type filters of this sync ask of a trait, or null. */
  readonly filterType: (traitKey: string) => ValueType | null
  readonly ranges: Ranges
}

type Section = 'traits' | 'enrichment' | 'audiences' | 'segments'
type LongForm = { attribute?: unknown; backfill?: boolean; send?: boolean; description?: string }

function normaliseMapping(
  path: readonly [Section, string],
  config: string | LongForm,
  context: SyncContext,
): NormalisedMapping {
  const long: LongForm = typeof config === 'string' ? {} : config
  const { ranges } = context
  const [section, key] = path
  const attribute =
    typeof config === 'string'
      ? config
      : (long.attribute as Parameters<typeof normaliseAttribute>[0])
  return {
    key,
    id: mappingId({ sync: context.name, section, key }),
    attribute: normaliseAttribute(
      attribute,
      typeof config === 'string' ? path : [...path, 'attribute'],
      ranges,
    ),
    backfill: long.backfill ?? context.backfill,
    send: long.send ?? true,
    description: long.description ?? null,
    range: ranges.rangeOf(path),
    keyRange: ranges.rangeOf(path, 'key'),
  }
}

/** Brings a trait, or an enrichment, into its long form. @param path - where it stands */
export function normaliseTrait(
  path: readonly ['traits' | 'enrichment', string],
  config: TraitConfig,
  context: SyncContext,
): NormalisedTrait {
  const long = typeof config === 'string' ? {} : config
  const [section, key] = path
  const base = normaliseMapping(path, config, context)
  const kind = section === 'traits' ? 'trait' : 'enrichment'
  const { defaults, ranges } = context
  return {
    ...base,
    kind,
    source: splitDottedName(key),
    event: normaliseEvent(long.event, [...path, 'event'], ranges),
    ...typeOf(base, long.type, kind === 'trait' ? context.filterType(key) : null),
    onNull: long.on_null ?? defaults.on_null ?? 'unset',
    array: long.array ?? defaults.array ?? 'replace',
    idField: long.id ?? null,
    merge: long.merge ?? defaults.merge ?? false,
  }
}

function typeOf(
  { attribute }: NormalisedMapping,
  declared: ValueType | undefined,
  fromFilters: ValueType | null,
): Pick<NormalisedTrait, 'type' | 'typeFrom'> {
  if (declared !== undefined) return { type: declared, typeFrom: 'declared' }
  const standard = attribute?.standard ? standardType(attribute.name) : null
  if (standard !== null) return { type: standard, typeFrom: 'standard' }
  return fromFilters === null
    ? { type: null, typeFrom: null }
    : { type: fromFilters, typeFrom: 'filters' }
}

function normaliseMembership(
  path: readonly ['audiences' | 'segments', string],
  config: AudienceConfig | SegmentConfig,
  context: SyncContext,
): NormalisedMembership {
  const long = typeof config === 'string' ? {} : config
  const { ranges } = context
  const onExit = long.on_exit ?? context.defaults.on_exit ?? false
  return {
    ...normaliseMapping(path, config, context),
    event: normaliseMembershipEvent(long.event, [...path, 'event'], ranges),
    cohort:
      long.cohort === undefined
        ? null
        : { name: long.cohort.trim(), range: ranges.rangeOf([...path, 'cohort']) },
    subscriptionGroup:
      long.subscription_group === undefined
        ? null
        : { id: long.subscription_group, range: ranges.rangeOf([...path, 'subscription_group']) },
    onExit: onExit === false ? 'false' : 'unset',
  }
}

/** Brings an audience into its long form. */
export function normaliseAudience(
  key: string,
  config: AudienceConfig,
  context: SyncContext,
): NormalisedAudience {
  return { ...normaliseMembership(['audiences', key], config, context), kind: 'audience' }
}

/** Brings a segment into its long form. */
export function normaliseSegment(
  key: string,
  config: SegmentConfig,
  context: SyncContext,
): NormalisedSegment {
  return {
    ...normaliseMembership(['segments', key], config, context),
    kind: 'segment',
    when: config.when,
    whenRange: context.ranges.rangeOf(['segments', key, 'when']),
  }
}
