import type { DecodePlan, IdentityRule, Trust, WantedKey } from '@engage-sync/contract'
import { compileFilter } from '../filter/compile.ts'
import type { CompiledFilter } from '../filter/compiled.ts'
import { MAPPING_TIMING } from '../filter/timing.ts'
import { castForType, traitTypesOf } from '../filter/trait-types.ts'
import type { TraitTypes } from '../filter/trait-types.ts'
import type { NormalisedProject } from '../model/environment.ts'
import type {
  NormalisedAudience,
  NormalisedMembership,
  NormalisedSegment,
  NormalisedTrait,
} from '../model/mapping.ts'
import type { NormalisedIdentity, NormalisedSync } from '../model/sync.ts'
import { splitDottedName } from '../names/dotted-name.ts'
import { castTo } from '../values/cast.ts'
import type { Cast } from '../values/cast.ts'
import { fingerprintOf } from '../values/fingerprint.ts'
import { membershipAttribute, traitAttribute } from './attribute.ts'
import { beforeMoves } from './before-moves.ts'
import type { CompiledMapping, CompiledSegment, CompiledSync } from './compiled.ts'
import type { Encoding } from './encoding.ts'
import { membershipEvent, traitEvent } from './event.ts'
import { identityMeaning, mappingMeaning, segmentMeaning } from './meaning.ts'
import { holdsEvents } from './holds-events.ts'
import { audienceOptions, segmentOptions, syncOptions, traitOptions } from './options.ts'
import { cohortEncoding, subscriptionGroupEncoding } from './membership.ts'

/** What compiling depends on beside the sync itself. */
export interface CompileContext {
  /** Zone of dates without one in filters: the company time zone of the workspace. Default: UTC. */
  readonly timeZone?: string
  /** Whether `not_equals` and `not_in` hold for users without a value. Default: true. */
  readonly negationMatchesAbsent?: boolean
  /**
   * Whether the workspace takes cohorts; without a partner key of Braze's it does not. Default:
   * true.
   */
  readonly cohorts?: boolean
  /** The Segment space whose computations count. Default: any. */
  readonly spaceId?: string
}

/**
 * Compile one sync: mappings with their encodings, segments with their filters, fingerprints of
 * what they mean.
 *
 * Shape: a normalised sync without errors in; mappings in the order traits, enrichment, audiences,
 * then as in the file. Mappings with `send: false` stay, without encodings, so that filters see
 * their values.
 *
 * @throws {SyncError} `FILTER_OPERATOR_TYPE`, `FILTER_TIME`, `FILTER_REGEX` for filters
 *   `checkFilter` finds errors in
 */
export function compileSync(sync: NormalisedSync, context: CompileContext = {}): CompiledSync {
  const types = traitTypesOf(sync)
  const traits = [...sync.traits.values(), ...sync.enrichment.values()].map((trait) =>
    compileTrait(sync, trait, types),
  )
  const audiences = [...sync.audiences.values()].map((audience) =>
    compileAudience(sync, audience, context),
  )
  const segments = [...sync.segments.values()].map((segment) =>
    compileSegment({ sync, segment, types, context }),
  )
  const mappings = [...traits, ...audiences]
  const identity = identityRule(sync.identity)
  const retire = sync.retire.map(({ attribute, by }) => ({ attribute, by }))
  const fingerprints = Object.fromEntries(
    [...mappings, ...segments].map(({ id, fingerprint }) => [id, fingerprint]),
  )
  return {
    name: sync.name,
    source: sync.source.name,
    timeField: timeFieldOf(sync.source),
    trust: trustOf(sync.source, context),
    identity,
    createUsers: sync.identity.createUsers,
    promote: sync.identity.alias?.promote ?? 'never',
    mappings,
    segments,
    moved: sync.moved.map(({ from, to }) => ({ from, to })),
    before: (moves) => compileSync(beforeMoves(sync, moves), context),
    retire,
    options: syncOptions(sync),
    fingerprint: fingerprintOf([
      ...identityMeaning(sync),
      fingerprints,
      retire.map(({ attribute, by }) => `${attribute} ${by}`).toSorted(),
    ]),
  }
}

/** Event files and streams say which member is the time; profiles come with `timestamp`. */
function timeFieldOf({ config }: NormalisedSync['source']): DecodePlan['timeField'] {
  return config !== null && 'time' in config ? (config.time ?? 'timestamp') : 'timestamp'
}

/** Files, webhooks and streams hold what others wrote, too; profiles come from Segment itself. */
function trustOf({ config }: NormalisedSync['source'], { spaceId }: CompileContext): Trust | null {
  if (config === null || !holdsEvents(config)) return null
  const { trust = [] } = config
  return {
    unmarked: trust.includes('unmarked'),
    deletes: trust.includes('deletes'),
    client: trust.includes('client'),
    spaceId: spaceId ?? null,
  }
}

/**
 * Compile the syncs that run: those that are enabled, in the order given.
 *
 * Shape: what `loadConfig` gives without an error in; what passes validation compiles.
 *
 * @param config - dates without a zone in filters are read in the company time zone of its
 *   environment
 */
export function compileSyncs(
  config: { readonly syncs: readonly NormalisedSync[]; readonly project: NormalisedProject | null },
  context: Omit<CompileContext, 'timeZone'> = {},
): readonly CompiledSync[] {
  const timeZone = config.project?.environment?.braze.companyTimeZone
  const spaceId = config.project?.environment?.segment?.spaceId
  return config.syncs
    .filter(({ enabled }) => enabled)
    .map((sync) =>
      compileSync(sync, {
        ...context,
        ...(timeZone !== undefined && { timeZone }),
        ...(spaceId !== undefined && { spaceId }),
      }),
    )
}

/**
 * What stands at its default is left out: the rule's text decides whether records are read again.
 */
function identityRule({ externalId, alias, lowerCase, refuse }: NormalisedIdentity): IdentityRule {
  return {
    externalId,
    alias: alias === null ? null : { from: alias.from, label: alias.label },
    ...(lowerCase && { lowerCase }),
    ...(refuse.length > 0 && { refuse: refuse.toSorted() }),
  }
}

function compileTrait(
  sync: NormalisedSync,
  trait: NormalisedTrait,
  types: TraitTypes,
): CompiledMapping {
  const { id, kind, source, send } = trait
  const operand = { kind: 'trait' as const, key: source.name, path: source.path }
  const isTextual = kind === 'trait' && types.isTextual(operand)
  const cast = kind === 'trait' ? types.castOf(operand) : castForType(trait.type)
  const type = isTextual ? 'string' : trait.type
  return {
    id,
    sync: sync.name,
    wanted: { kind, key: source.name, path: source.path },
    type,
    cast,
    encodings: send ? traitEncodings(trait, { cast, isTextual }) : [],
    backfill: trait.backfill,
    fingerprint: fingerprintOf([mappingMeaning(trait), isTextual]),
    options: traitOptions(trait, type),
    timing: MAPPING_TIMING,
  }
}

function traitEncodings(
  trait: NormalisedTrait,
  how: { readonly cast: Cast; readonly isTextual: boolean },
): readonly Encoding[] {
  const { id, source, attribute, event } = trait
  return [
    ...(attribute === null ? [] : [traitAttribute(trait, attribute, how)]),
    ...(event === null ? [] : [traitEvent({ id, key: propertyKey(source) }, event, how.cast)]),
  ]
}

/** A trait's name in event properties: its own, without the backslashes of the configuration. */
function propertyKey({ name, path }: NormalisedTrait['source']): string {
  return [name, ...path].join('.')
}

function compileAudience(
  sync: NormalisedSync,
  audience: NormalisedAudience,
  context: CompileContext,
): CompiledMapping {
  const key = literalKey(audience.key)
  const sent = whatIsTaken(audience, context)
  return {
    id: audience.id,
    sync: sync.name,
    wanted: { kind: 'audience', key, path: [] },
    type: 'boolean',
    cast: castTo('boolean'),
    encodings: membershipEncodings(sync, sent, key),
    backfill: audience.backfill,
    fingerprint: fingerprintOf(mappingMeaning(sent)),
    options: audienceOptions(sent),
    timing: MAPPING_TIMING,
  }
}

/**
 * The membership without its cohort where the workspace takes none; so a partner key that comes
 * later is a change of its own.
 */
function whatIsTaken<T extends NormalisedMembership>(
  membership: T,
  { cohorts }: CompileContext,
): T {
  return cohorts === false ? { ...membership, cohort: null } : membership
}

/** Audience keys are not paths: a dot and an escaped dot are the same. */
function literalKey(text: string): string {
  const { name, path } = splitDottedName(text)
  return [name, ...path].join('.')
}

function membershipEncodings(
  sync: NormalisedSync,
  membership: NormalisedMembership,
  key: string,
): readonly Encoding[] {
  const { id, send, attribute, event, cohort, subscriptionGroup } = membership
  if (!send) return []
  const place = { id, sync: sync.name, key: membership.key }
  return [
    ...(attribute === null ? [] : [membershipAttribute(membership, attribute)]),
    ...(event === null ? [] : [membershipEvent(id, key, event)]),
    ...(cohort === null ? [] : [cohortEncoding(place, cohort.name)]),
    ...(subscriptionGroup === null ? [] : [subscriptionGroupEncoding(id, subscriptionGroup.id)]),
  ]
}

interface SegmentContext {
  readonly sync: NormalisedSync
  readonly segment: NormalisedSegment
  readonly types: TraitTypes
  readonly context: CompileContext
}

function compileSegment({ sync, segment, types, context }: SegmentContext): CompiledSegment {
  const sent = whatIsTaken(segment, context)
  const reading = { typeOf: types.typeOf, ...context }
  const filter: CompiledFilter = compileFilter(segment.when, reading)
  return {
    id: segment.id,
    sync: sync.name,
    filter,
    castFor: (operand) => types.castOf({ path: [], ...operand }),
    encodings: membershipEncodings(sync, sent, segment.key),
    backfill: segment.backfill,
    fingerprint: fingerprintOf(segmentMeaning(sent, filter)),
    options: segmentOptions(sent, filter, reading),
  }
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
    for (const { filter } of sync.segments)
      for (const leaf of filter.leaves) if (leaf.type !== 'event') add(leaf.operand)
  }
  return [...keys.values()]
}
