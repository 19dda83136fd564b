import type { Json } from '@engage-sync/contract'

/** Where an attribute stands in Braze. */
export interface AttributePlace {
  readonly kind: 'attribute'
  /** Top-level attribute name, trimmed. */
  readonly name: string
  /** The name as JSON text with its colon, ready to be written. */
  readonly nameText: string
  /** Path below the name for `a.b` attributes (nested objects); empty for the whole. */
  readonly path: readonly string[]
  readonly standard: boolean
}

/** Written whole, or as differences that need nothing but the two values. */
interface ValueWrite {
  readonly mode: 'replace' | 'merge-object' | 'array-update'
  readonly element: null
  readonly idField: null
}

/** One element of an array that several memberships share. */
interface ElementWrite {
  readonly mode: 'element'
  /** The text a membership adds to the array, or removes from it. */
  readonly element: string
  readonly idField: null
}

/** An array of objects of which differences are sent, item by item. */
interface ItemsWrite {
  readonly mode: 'objects-by-id'
  readonly element: null
  /** The identifying member of each item. */
  readonly idField: string
}

/** How an attribute is written: whole, or as one of the kinds of differences. */
export type AttributeWrite = ValueWrite | ElementWrite | ItemsWrite

/** An attribute of Braze's: where it stands, and how it is written. */
export type BrazeAttribute = AttributePlace & AttributeWrite

/** A subscription group of Braze's, which travels among a user's attributes. */
export interface BrazeSubscriptionGroup {
  readonly kind: 'subscription'
  readonly groupId: string
}

/** Where a dotted name stands. @param name - its top level, trimmed */
export function attributePlace(
  name: string,
  rest: { readonly path: readonly string[]; readonly standard: boolean },
): AttributePlace {
  const { path, standard } = rest
  return { kind: 'attribute', name, nameText: `${JSON.stringify(name)}:`, path, standard }
}

/**
 * A time inside an object, where a text alone would stay a text.
 *
 * @param instant - ISO 8601
 * @see https://www.braze.com/docs/user_guide/data/activation/custom_data/custom_attributes/nested_custom_attribute_support/
 */
export function nestedTime(instant: Json): Json {
  return { $time: instant }
}

/** What travels in a user's attributes object. */
export type AttributesMember = BrazeAttribute | BrazeSubscriptionGroup

/** One thing to write: the encoded value's text, and the text delivered last where it is stored. */
export interface AttributeChange<Of extends AttributesMember = AttributesMember> {
  readonly target: Of
  readonly text: string
  readonly storedText: string | undefined
}
