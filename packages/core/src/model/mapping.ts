import type { DottedName } from '../names/dotted-name.ts'
import type { FilterConfig } from '../schema/filter.ts'
import type { ValueType } from '../values/value-type.ts'
import type { SourceRange } from './source-range.ts'

/** Where a value goes, in long form. `name` is trimmed. */
export interface NormalisedAttribute extends DottedName {
  /** A standard Braze attribute. */
  readonly standard: boolean
  /** The text that stands for membership in a shared array attribute, or null. */
  readonly element: string | null
  readonly range: SourceRange
}

/** Which event properties travel: all (null), or these, from Segment's name to Braze's. */
export type PropertyRule = ReadonlyMap<string, string> | null

/** The event of a trait. */
export interface NormalisedEvent {
  readonly name: string
  readonly properties: PropertyRule
  readonly range: SourceRange
}

/** The events of a membership. */
export interface NormalisedMembershipEvent {
  readonly entered: string | null
  readonly exited: string | null
  readonly properties: PropertyRule
  readonly range: SourceRange
}

/** What traits, audiences and segments have in common. */
export interface NormalisedMapping {
  /** As written. */
  readonly key: string
  /** `<sync>:<section>.<key>`. */
  readonly id: string
  readonly attribute: NormalisedAttribute | null
  readonly backfill: boolean
  /** False: known to filters, never sent. */
  readonly send: boolean
  readonly description: string | null
  /** The whole mapping, its key, and (for diagnostics of one option) nothing finer. */
  readonly range: SourceRange
  readonly keyRange: SourceRange
}

/** A trait or enrichment mapping in long form, defaults applied. */
export interface NormalisedTrait extends NormalisedMapping {
  readonly kind: 'trait' | 'enrichment'
  /** The key, split at its dots. */
  readonly source: DottedName
  readonly event: NormalisedEvent | null
  /** Null: any type goes. */
  readonly type: ValueType | null
  /** Where the type comes from. */
  readonly typeFrom: 'declared' | 'standard' | 'filters' | null
  readonly onNull: 'unset' | 'keep'
  readonly array: 'replace' | 'update'
  /** Identifying member of the items of an array of objects, or null. */
  readonly idField: string | null
  readonly merge: boolean
}

/** What audiences and segments have in common. */
export interface NormalisedMembership extends NormalisedMapping {
  readonly event: NormalisedMembershipEvent | null
  readonly cohort: { readonly name: string; readonly range: SourceRange } | null
  readonly subscriptionGroup: { readonly id: string; readonly range: SourceRange } | null
  readonly onExit: 'false' | 'unset'
}

/** An audience mapping in long form, defaults applied. */
export interface NormalisedAudience extends NormalisedMembership {
  readonly kind: 'audience'
}

/** A segment in long form. */
export interface NormalisedSegment extends NormalisedMembership {
  readonly kind: 'segment'
  readonly when: FilterConfig
  readonly whenRange: SourceRange
}
