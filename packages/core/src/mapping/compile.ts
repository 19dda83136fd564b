import type {
  NormalisedAudience,
  NormalisedIdentity,
  NormalisedMembership,
  NormalisedSegment,
  NormalisedSync,
  NormalisedTrait,
} from '../config/model.ts'
import { typesFromFilters } from '../config/normalise/filter-types.ts'
import type { ValueType } from '../config/schema/filter.ts'
import { compileFilter } from '../filter/compile.ts'
import type { CompiledFilter, LeafOperand } from '../filter/compiled.ts'
import { operandText } from '../filter/condition.ts'
import { MAPPING_TIMING } from '../filter/timing.ts'
import type { IdentityRule, WantedKey } from '../source.ts'
import { membershipAttribute, traitAttribute } from './attribute.ts'
import { castTo } from './cast.ts'
import type { Cast } from './cast.ts'
import type { CompiledMapping, CompiledSegment, CompiledSync } from './compiled.ts'
import { splitDottedName } from './dotted-name.ts'
import { acceptAny } from './encode.ts'
import { membershipEvent, traitEvent } from './event.ts'
import { fingerprintOf } from './fingerprint.ts'
import { identityMeaning, mappingMeaning, segmentMeaning } from './meaning.ts'
import { cohortEncoding, subscriptionGroupEncoding } from './membership.ts'

/** What compiling depends on beside the sync itself. */
export interface CompileContext {
  /** Zone of dates without one in filters: the company time zone of the workspace. Default: UTC. */
  readonly timeZone?: string
  /** Whether `not_equals` and `not_in` hold for users without a value. Default: true. */
  readonly negationMatchesAbsent?: boolean
}

/**
 * Compile one sync: mappings with their encodings, segments with their filters, fingerprints of what they mean.
 *
 * Shape: a normalised sync without errors in; mappings in the order traits, enrichment, audiences, then as in the
 * file. Mappings with `send: false` stay, without encodings, so that filters see their values.
 *
 * @throws {SyncError} `FILTER_OPERATOR_TYPE`, `FILTER_TIME`, `FILTER_REGEX` for filters `checkFilter` finds errors in
 */
export function compileSync(sync: NormalisedSync, context: CompileContext = {}): CompiledSync {
  const typeOf = traitTypes(sync)
  const traits = [...sync.traits.values(), ...sync.enrichment.values()].map((trait) => compileTrait(sync, trait))
  const audiences = [...sync.audiences.values()].map((audience) => compileAudience(sync, audience))
  const segments = [...sync.segments.values()].map((segment) => compileSegment({ sync, segment, typeOf, context }))
  const mappings = [...traits, ...audiences]
  const identity = identityRule(sync.identity)
  const retire = sync.retire.map(({ attribute, by }) => ({ attribute, by }))
  const fingerprints = [...mappings, ...segments].map(({ id, fingerprint }) => [id, fingerprint])
  return {
    name: sync.name,
    source: sync.source.name,
    identity,
    createUsers: sync.identity.createUsers,
    promote: sync.identity.alias?.promote ?? 'never',
    mappings,
    segments,
    moved: sync.moved.map(({ from, to }) => ({ from, to })),
    retire,
    fingerprint: fingerprintOf([...identityMeaning(sync), fingerprints, retire]),
  }
}

function identityRule({ externalId, alias }: NormalisedIdentity): IdentityRule {
  return { externalId, alias: alias === null ? null : { from: alias.from, label: alias.label } }
}

function compileTrait(sync: NormalisedSync, trait: NormalisedTrait): CompiledMapping {
  const { id, kind, source, type, attribute, event, send } = trait
  return {
    id,
    sync: sync.name,
    wanted: { kind, key: source.name, path: source.path },
    type,
    cast: castOf(type),
    attribute: send && attribute !== null ? traitAttribute(trait, attribute) : null,
    event: send && event !== null ? traitEvent(id, propertyKey(source), event) : null,
    cohort: null,
    subscriptionGroup: null,
    backfill: trait.backfill,
    fingerprint: fingerprintOf(mappingMeaning(trait)),
    timing: MAPPING_TIMING,
  }
}

/** A trait's name in event properties: its own, without the backslashes of the configuration. */
function propertyKey({ name, path }: NormalisedTrait['source']): string {
  return [name, ...path].join('.')
}

function compileAudience(sync: NormalisedSync, audience: NormalisedAudience): CompiledMapping {
  const key = literalKey(audience.key)
  return {
    id: audience.id,
    sync: sync.name,
    wanted: { kind: 'audience', key, path: [] },
    type: 'boolean',
    cast: castTo('boolean'),
    ...encodingsOf(sync, audience, key),
    backfill: audience.backfill,
    fingerprint: fingerprintOf(mappingMeaning(audience)),
    timing: MAPPING_TIMING,
  }
}

/** Audience keys are not paths: a dot and an escaped dot are the same. */
function literalKey(text: string): string {
  const { name, path } = splitDottedName(text)
  return [name, ...path].join('.')
}

type Encodings = Pick<CompiledMapping, 'attribute' | 'event' | 'cohort' | 'subscriptionGroup'>

function encodingsOf(sync: NormalisedSync, membership: NormalisedMembership, key: string): Encodings {
  const { id, send, attribute, event, cohort, subscriptionGroup } = membership
  if (!send) return { attribute: null, event: null, cohort: null, subscriptionGroup: null }
  return {
    attribute: attribute === null ? null : membershipAttribute(membership, attribute),
    event: event === null ? null : membershipEvent(id, key, event),
    cohort: cohort === null ? null : cohortEncoding({ id, sync: sync.name, key: membership.key }, cohort.name),
    subscriptionGroup: subscriptionGroup === null ? null : subscriptionGroupEncoding(id, subscriptionGroup.id),
  }
}

interface SegmentContext {
  readonly sync: NormalisedSync
  readonly segment: NormalisedSegment
  readonly typeOf: (operand: Pick<LeafOperand, 'kind' | 'key' | 'path'>) => ValueType | null
  readonly context: CompileContext
}

function compileSegment({ sync, segment, typeOf, context }: SegmentContext): CompiledSegment {
  const filter: CompiledFilter = compileFilter(segment.when, { typeOf, ...context })
  return {
    id: segment.id,
    sync: sync.name,
    filter,
    castFor: (operand) => castOf(typeOf({ path: [], ...operand })),
    ...encodingsOf(sync, segment, segment.key),
    backfill: segment.backfill,
    fingerprint: fingerprintOf(segmentMeaning(segment, filter)),
  }
}

/** Types of the traits that filters read: as mapped, or as the filters themselves ask. */
function traitTypes(sync: NormalisedSync): SegmentContext['typeOf'] {
  const asked = typesFromFilters(Object.fromEntries([...sync.segments].map(([key, { when }]) => [key, { when }])))
  const mapped = new Map(
    [...sync.traits.values()].map((trait) => [operandText({ kind: 'trait', key: trait.source.name, path: trait.source.path }), trait.type]),
  )
  return (operand) => {
    if (operand.kind === 'audience') return 'boolean'
    const text = operandText(operand)
    return mapped.get(text) ?? asked.get(text) ?? null
  }
}

function castOf(type: ValueType | null): Cast {
  return type === null ? acceptAny : castTo(type)
}

/** What the syncs read from records, each key once: mappings first, then what only filters read. */
export function collectWantedKeys(syncs: readonly CompiledSync[]): readonly WantedKey[] {
  const keys = new Map<string, WantedKey>()
  const add = ({ kind, key, path }: WantedKey) => {
    const text = JSON.stringify([kind, key, path])
    if (!keys.has(text)) keys.set(text, { kind, key, path })
  }
  for (const sync of syncs) for (const { wanted } of sync.mappings) add(wanted)
  for (const sync of syncs) {
    for (const { filter } of sync.segments) for (const leaf of filter.leaves) if (leaf.type !== 'event') add(leaf.operand)
  }
  return [...keys.values()]
}
