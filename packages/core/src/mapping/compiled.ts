import type { AttributeWrite } from '../braze/data-points.ts'
import type { CompiledFilter, Timing } from '../filter/compiled.ts'
import type { Json } from '../json.ts'
import type { DecodePlan, IdentityRule, Trust, WantedKey } from '../source.ts'
import type { EncodeResult } from '../values/encode-result.ts'
import type { MappingOptions } from './options.ts'

/** How a value becomes a Braze attribute. */
export interface AttributeEncoding {
  /** Slot id in the state's registry, stable across runs: `<mapping id>#attribute`. */
  readonly slotId: string
  /** Top-level attribute name, trimmed. */
  readonly name: string
  /** Path below the name for `a.b` attributes (nested objects); empty for the whole. */
  readonly path: readonly string[]
  readonly standard: boolean
  /** Cast, normalise, check Braze's limits. Null in gives null out (unset). */
  readonly encode: (value: Json) => EncodeResult
  /**
   * JSON types whose canonical source text is already the canonical encoded text, so that equal
   * bytes mean equal values and nothing needs parsing.
   */
  readonly plain: ReadonlySet<'string' | 'number' | 'boolean' | 'array' | 'object'>
  readonly onNull: 'unset' | 'keep'
  /** `replace` sends the whole value; the others send differences. */
  readonly mode: AttributeWrite
  /** For `element`: the text this audience adds to or removes from a shared array attribute. */
  readonly element: string | null
  /** For `objects-by-id`: the identifying member of each item. */
  readonly idField: string | null
  /** Audiences: what an exit sends. */
  readonly onExit: 'false' | 'unset'
}

/** How a change becomes a Braze custom event. */
export interface EventEncoding {
  readonly slotId: string
  /**
   * Event name for a value; audiences have one for entering and one for leaving; null sends none.
   */
  readonly nameFor: (value: Json) => string | null
  /** Every name this mapping can send, for event filters. */
  readonly names: readonly string[]
  /** Properties object for a value. */
  readonly propertiesFor: (value: Json) => Json
  /**
   * Cast and check Braze's limits for properties; the mapping's `cast` alone would let over-long
   * values through.
   */
  readonly encode?: (value: Json) => EncodeResult
}

/** How membership becomes a Braze cohort. */
export interface CohortEncoding {
  readonly slotId: string
  /** `engage-sync:<sync>:<key>`, stable; a new name is a rename. */
  readonly cohortId: string
  readonly name: string
}

/** How membership becomes a subscription group state. */
export interface SubscriptionGroupEncoding {
  readonly slotId: string
  readonly groupId: string
}

/** One trait, audience or enrichment of one sync, compiled. */
export interface CompiledMapping {
  /** `<sync>:traits.<key>`, `<sync>:audiences.<key>`, `<sync>:enrichment.<key>`. */
  readonly id: string
  readonly sync: string
  readonly wanted: WantedKey
  /** Value type declared or inferred, or null when any goes. */
  readonly type: string | null
  /** Cast of the source value to the declared type, shared by all encodings and filters. */
  readonly cast: (value: Json) => EncodeResult
  readonly attribute: AttributeEncoding | null
  readonly event: EventEncoding | null
  readonly cohort: CohortEncoding | null
  readonly subscriptionGroup: SubscriptionGroupEncoding | null
  readonly backfill: boolean
  /** Of the compiled meaning: equal text means nothing changed. */
  readonly fingerprint: string
  /** What it is set to, for people. */
  readonly options: MappingOptions
  readonly timing: Timing
}

/** A segment of one sync, compiled. */
export interface CompiledSegment {
  /** `<sync>:segments.<key>`. */
  readonly id: string
  readonly sync: string
  readonly filter: CompiledFilter
  /** Casts for the operands: the type their trait is declared (or inferred) to have. */
  readonly castFor: (operand: {
    readonly kind: 'trait' | 'audience'
    readonly key: string
  }) => (value: Json) => EncodeResult
  readonly attribute: AttributeEncoding | null
  readonly cohort: CohortEncoding | null
  readonly subscriptionGroup: SubscriptionGroupEncoding | null
  readonly event: EventEncoding | null
  readonly backfill: boolean
  readonly fingerprint: string
  readonly options: MappingOptions
}

/** One sync file, compiled. */
export interface CompiledSync {
  readonly name: string
  /** Name of a source of the environment, or the key of an in-place one. */
  readonly source: string
  /** Which member of the source's events is their time; the same for all syncs of a source. */
  readonly timeField: DecodePlan['timeField']
  /**
   * Whose records count, the same for all syncs of a source; null for a source that only Segment
   * itself writes.
   */
  readonly trust: Trust | null
  readonly identity: IdentityRule
  readonly createUsers: boolean
  readonly promote: 'identify' | 'merge' | 'never'
  readonly mappings: readonly CompiledMapping[]
  readonly segments: readonly CompiledSegment[]
  readonly moved: readonly { readonly from: string; readonly to: string }[]
  readonly retire: readonly { readonly attribute: string; readonly by: 'unset' }[]
  readonly fingerprint: string
}
