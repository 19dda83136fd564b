import type { Json } from '@engage-sync/contract'
import type { CompiledFilter } from '../filter/compiled.ts'
import type {
  NormalisedAttribute,
  NormalisedAudience,
  NormalisedEvent,
  NormalisedMembershipEvent,
  NormalisedSegment,
  NormalisedTrait,
  PropertyRule,
} from '../model/mapping.ts'
import type { NormalisedSync } from '../model/sync.ts'

/**
 * What a mapping means, as JSON to take a fingerprint of: everything that decides what is sent,
 * nothing else.
 *
 * Shape: descriptions and places in the file are left out; names are as Braze gets them.
 */
export function mappingMeaning(mapping: NormalisedTrait | NormalisedAudience): Json {
  if (mapping.kind === 'audience') return membershipMeaning(mapping)
  const { kind, source, type, onNull, array, idField, merge, backfill, send } = mapping
  return {
    kind,
    key: [source.name, ...source.path],
    type,
    attribute: attributeMeaning(mapping.attribute),
    event: eventMeaning(mapping.event),
    onNull,
    array,
    idField,
    merge,
    backfill,
    send,
  }
}

/** What a segment means: its conditions with the types they read, and what belonging becomes. */
export function segmentMeaning(segment: NormalisedSegment, filter: CompiledFilter): Json {
  return { ...membershipMeaning(segment), filter: filter.fingerprint ?? null }
}

/** What decides for a whole sync whom its mappings reach. */
export function identityMeaning({ identity, source }: NormalisedSync): readonly Json[] {
  const { externalId, alias, createUsers, lowerCase, refuse } = identity
  const meaning: Json[] = [
    source.name,
    { ...externalId },
    alias === null ? null : { ...alias },
    createUsers,
  ]
  // What stands at its default is no part of the meaning: a newer version reads and sends nothing
  // again.
  if (lowerCase) meaning.push({ lowerCase })
  if (refuse.length > 0) meaning.push({ refuse: refuse.toSorted() })
  return meaning
}

function membershipMeaning(membership: NormalisedAudience | NormalisedSegment): {
  readonly [key: string]: Json
} {
  const { kind, key, onExit, backfill, send } = membership
  return {
    kind,
    key,
    attribute: attributeMeaning(membership.attribute),
    event: membershipEventMeaning(membership.event),
    cohort: membership.cohort?.name ?? null,
    subscriptionGroup: membership.subscriptionGroup?.id ?? null,
    onExit,
    backfill,
    send,
  }
}

function attributeMeaning(attribute: NormalisedAttribute | null): Json {
  return attribute === null
    ? null
    : { name: attribute.name, path: attribute.path, element: attribute.element }
}

function eventMeaning(event: NormalisedEvent | null): Json {
  return event === null
    ? null
    : { name: event.name, properties: propertiesMeaning(event.properties) }
}

function membershipEventMeaning(event: NormalisedMembershipEvent | null): Json {
  return event === null
    ? null
    : {
        entered: event.entered,
        exited: event.exited,
        properties: propertiesMeaning(event.properties),
      }
}

function propertiesMeaning(rule: PropertyRule): Json {
  return rule === null ? null : [...rule].map(([from, to]) => [from, to])
}
