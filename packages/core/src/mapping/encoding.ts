import type { Json } from '@engage-sync/contract'
import type { BrazeAttribute, BrazeSubscriptionGroup } from '../braze/attribute.ts'
import type { EncodeResult } from '../values/encode-result.ts'

/** How a value becomes a Braze attribute. */
export type AttributeEncoding = BrazeAttribute & AttributeRules

/** What a value goes through on its way to an attribute. */
export interface AttributeRules {
  /**
   * Column id in the state's registry; a new name is another column: `<mapping
   * id>#attribute=<name>`.
   */
  readonly slotId: string
  /** Cast, normalise, check Braze's limits. Null in gives null out (unset). */
  readonly encode: (value: Json) => EncodeResult
  /**
   * JSON types whose canonical source text is already the canonical encoded text, so that equal
   * bytes mean equal values and nothing needs parsing.
   */
  readonly plain: ReadonlySet<'string' | 'number' | 'boolean' | 'array' | 'object'>
  readonly onNull: 'unset' | 'keep'
  /** Audiences: what an exit sends. */
  readonly onExit: 'false' | 'unset'
}

/** How a change becomes a Braze custom event. */
export interface EventEncoding {
  readonly kind: 'event'
  /** Column id in the state's registry: `<mapping id>#event`. */
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
  readonly encode: (value: Json) => EncodeResult
}

/** How membership becomes a Braze cohort. */
export interface CohortEncoding {
  readonly kind: 'cohort'
  /** Column id in the state's registry: `<mapping id>#cohort`. */
  readonly slotId: string
  /** `engage-sync:<sync>:<key>`, stable; a new name is a rename. */
  readonly cohortId: string
  readonly name: string
}

/** How membership becomes a subscription group state. */
export interface SubscriptionGroupEncoding extends BrazeSubscriptionGroup {
  /** Column id in the state's registry: `<mapping id>#subscription_group`. */
  readonly slotId: string
}

/** One thing a mapping or segment becomes in Braze. */
export type Encoding =
  AttributeEncoding | EventEncoding | CohortEncoding | SubscriptionGroupEncoding

/** The encodings of one kind. */
export type EncodingOf<Kind extends Encoding['kind']> = Extract<Encoding, { readonly kind: Kind }>

/** The encoding of one kind, or undefined where the mapping or segment has none. */
export function encodingOf<Kind extends Encoding['kind']>(
  { encodings }: { readonly encodings: readonly Encoding[] },
  kind: Kind,
): EncodingOf<Kind> | undefined {
  return encodings.find((encoding): encoding is EncodingOf<Kind> => encoding.kind === kind)
}

/**
 * A column of the rows, with what fills it; the kind stands beside the encoding for loops that look
 * no further.
 */
interface SlotOf<Kind extends Encoding['kind']> {
  readonly column: number
  readonly kind: Kind
  readonly encoding: EncodingOf<Kind>
}

/**
 * A column of the rows that holds what was delivered of an attribute, an event, a cohort or a
 * subscription group.
 */
export type EncodedSlot = { readonly [Kind in Encoding['kind']]: SlotOf<Kind> }[Encoding['kind']]

/**
 * The slot of an encoding.
 *
 * @param column - number of the column the registry has for the encoding's `slotId`
 */
export function encodedSlot(column: number, encoding: Encoding): EncodedSlot {
  // The kind is the encoding's own, which the compiler cannot follow through a union.
  return { column, kind: encoding.kind, encoding } as EncodedSlot
}
