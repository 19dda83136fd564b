import { compileSync, entryOf } from '@engage-sync/core'
import type {
  CompileContext,
  NormalisedAttribute,
  NormalisedAudience,
  NormalisedSegment,
  NormalisedSync,
  NormalisedTrait,
  Timing,
} from '@engage-sync/core'

/**
 * One mapping or segment: what it becomes in Braze, and whether events alone keep it up to date.
 */
export interface UnitOverview {
  /** `<sync>:<section>.<key>`. */
  readonly id: string
  readonly kind: 'trait' | 'enrichment' | 'audience' | 'segment'
  readonly key: string
  readonly type: string | null
  /** Name in Braze; `name[element]` for an element of a shared array. */
  readonly attribute: string | null
  readonly events: readonly string[]
  readonly cohort: string | null
  readonly subscription_group: string | null
  readonly backfill: boolean
  readonly timing: Timing
}

/** One sync at a glance. */
export interface SyncOverview {
  readonly name: string
  readonly path: string
  readonly enabled: boolean
  readonly description: string | null
  readonly owner: string | null
  readonly tags: readonly string[]
  readonly source: string
  /** Of its compiled meaning: equal text means that nothing changed. */
  readonly fingerprint: string
  readonly mappings: readonly UnitOverview[]
}

/**
 * Describes a sync without errors: traits, enrichment, audiences, segments, each in the order of
 * the file.
 */
export function describeSync(sync: NormalisedSync, context: CompileContext): SyncOverview {
  const compiled = compileSync(sync, context)
  const timings = new Map<string, Timing>([
    ...compiled.mappings.map(({ id, timing }) => [id, timing] as const),
    ...compiled.segments.map(({ id, filter }) => [id, filter.timing] as const),
  ])
  const units = [
    ...sync.traits.values(),
    ...sync.enrichment.values(),
    ...sync.audiences.values(),
    ...sync.segments.values(),
  ]
  const { name, path, enabled, description, owner, tags, source } = sync
  return {
    name,
    path,
    enabled,
    description,
    owner,
    tags,
    source: source.name,
    fingerprint: compiled.fingerprint,
    mappings: units.map((unit) => describeUnit(unit, entryOf(timings, unit.id))),
  }
}

type Unit = NormalisedTrait | NormalisedAudience | NormalisedSegment

function describeUnit(unit: Unit, timing: Timing): UnitOverview {
  const membership = 'onExit' in unit && unit.send ? unit : null
  return {
    id: unit.id,
    kind: unit.kind,
    key: unit.key,
    type: 'type' in unit ? unit.type : null,
    attribute: unit.send && unit.attribute !== null ? attributeName(unit.attribute) : null,
    events: unit.send ? eventNames(unit) : [],
    cohort: membership?.cohort?.name ?? null,
    subscription_group: membership?.subscriptionGroup?.id ?? null,
    backfill: unit.backfill,
    timing,
  }
}

function attributeName({ name, path, element }: NormalisedAttribute): string {
  return [name, ...path].join('.') + (element === null ? '' : `[${element}]`)
}

function eventNames({ event }: Unit): readonly string[] {
  if (event === null) return []
  const names = 'name' in event ? [event.name] : [event.entered, event.exited]
  return names.filter((name) => name !== null)
}
