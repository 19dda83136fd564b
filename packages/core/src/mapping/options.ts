import type { Json } from '@engage-sync/contract'
import type { CompiledFilter } from '../filter/compiled.ts'
import { operandText } from '../filter/condition.ts'
import type { FilterOptions } from '../filter/leaf.ts'
import type {
  NormalisedAttribute,
  NormalisedAudience,
  NormalisedMembershipEvent,
  NormalisedSegment,
  NormalisedTrait,
  PropertyRule,
} from '../model/mapping.ts'
import type { NormalisedIdentity, NormalisedSync } from '../model/sync.ts'
import { joinDottedName } from '../names/dotted-name.ts'
import { holdsEvents } from './holds-events.ts'

/**
 * What a mapping, or a sync as a whole, is set to, by option: to tell people what became another.
 *
 * Shape: plain JSON, flat, under the names of the configuration (`on_null`, `event.entered`); what
 * is not set, or stands at its default, is left out, so that an option of a later version is no
 * change. The fingerprint decides whether a mapping changed; this says what of it did.
 */
export type MappingOptions = Readonly<Record<string, Json>>

/** What an option is where it is not named. The others are not there then. */
export const OPTION_DEFAULTS: MappingOptions = {
  on_null: 'unset',
  array: 'replace',
  merge: false,
  backfill: true,
  send: true,
  on_exit: false,
  time_zone: 'UTC',
  negation_matches_absent: true,
  'source.time': 'timestamp',
  'identity.external_id': 'userId',
  'identity.lower_case': false,
  'identity.create_users': true,
}

/** Options of a sync as a whole: which records it takes, and whom it names how. */
export function syncOptions({ source, identity, onDelete }: NormalisedSync): MappingOptions {
  const { alias, lowerCase, refuse, createUsers } = identity
  const { time = null, trust = [] } = eventsOptions(source.config)
  return without({
    source: source.name,
    'source.time': time,
    'source.trust': trust.length === 0 ? null : trust,
    'identity.external_id': externalIdText(identity.externalId),
    'identity.alias.from': alias?.from ?? null,
    'identity.alias.label': alias?.label ?? null,
    'identity.alias.promote': alias?.promote ?? null,
    'identity.lower_case': lowerCase,
    'identity.refuse': refuse.length === 0 ? null : refuse,
    'identity.create_users': createUsers,
    'privacy.on_delete': onDelete,
  })
}

function eventsOptions(config: NormalisedSync['source']['config']): {
  readonly time?: string
  readonly trust?: readonly string[]
} {
  return config !== null && holdsEvents(config) ? config : {}
}

function externalIdText(id: NormalisedIdentity['externalId']): string {
  if (id.from === 'externalIds') return `externalIds.${id.type}`
  return id.from === 'traits' ? joinDottedName({ name: 'traits', path: id.path }) : id.from
}

/** Options of a trait or an enrichment. @param type - as values are cast to it, declared or not */
export function traitOptions(trait: NormalisedTrait, type: string | null): MappingOptions {
  const { source, attribute, event, onNull, array, idField, merge, backfill, send } = trait
  return without({
    key: joinDottedName(source),
    attribute: attributeName(attribute),
    type,
    event: event?.name ?? null,
    'event.properties': propertiesOf(event?.properties ?? null),
    on_null: onNull,
    array,
    id: idField,
    merge,
    backfill,
    send,
  })
}

/** Options of an audience. */
export function audienceOptions(audience: NormalisedAudience): MappingOptions {
  return without(membershipOptions(audience))
}

/** Options of a segment, with what its conditions mean beside their text. */
export function segmentOptions(
  segment: NormalisedSegment,
  { leaves }: CompiledFilter,
  { typeOf, timeZone = 'UTC', negationMatchesAbsent = true }: FilterOptions,
): MappingOptions {
  const types: Record<string, Json> = {}
  for (const leaf of leaves) {
    if (leaf.type === 'event' || leaf.operand.kind === 'audience') continue
    types[`when.${operandText(leaf.operand)}.type`] = typeOf(leaf.operand)
  }
  const names = (pattern: RegExp) => leaves.some(({ text }) => pattern.test(text))
  return without({
    ...membershipOptions(segment),
    when: segment.when as Json,
    ...types,
    time_zone: names(/ (?:before|after) /u) ? timeZone : null,
    negation_matches_absent: names(/ (?:not_equals|not_in) /u) ? negationMatchesAbsent : null,
  })
}

function membershipOptions(membership: NormalisedAudience | NormalisedSegment): MappingOptions {
  const { key, attribute, event, cohort, subscriptionGroup, onExit, backfill, send } = membership
  return {
    key,
    attribute: attributeName(attribute),
    'attribute.element': attribute?.element ?? null,
    ...eventOptions(event),
    cohort: cohort?.name ?? null,
    subscription_group: subscriptionGroup?.id ?? null,
    on_exit: onExit === 'unset' ? 'unset' : false,
    backfill,
    send,
  }
}

function eventOptions(event: NormalisedMembershipEvent | null): MappingOptions {
  return {
    'event.entered': event?.entered ?? null,
    'event.exited': event?.exited ?? null,
    'event.properties': propertiesOf(event?.properties ?? null),
  }
}

function attributeName(attribute: NormalisedAttribute | null): string | null {
  return attribute === null ? null : joinDottedName(attribute)
}

function propertiesOf(rule: PropertyRule): Json {
  return rule === null ? null : Object.fromEntries(rule)
}

/** The options that are there and not at their default. */
function without(options: MappingOptions): MappingOptions {
  return Object.fromEntries(
    Object.entries(options).filter(
      ([option, value]) => value !== null && value !== OPTION_DEFAULTS[option],
    ),
  )
}
