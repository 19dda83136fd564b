import {
  canonicalText,
  digestOf,
  isNothing,
  isSameDigest,
  MEMBER,
  NO_MEMBER,
  NO_VALUE,
} from '@engage-sync/core'
import type {
  AttributeEncoding,
  Digest,
  ExportedUser,
  Json,
  OutputOf,
  Partition,
} from '@engage-sync/core'

export type AttributeOutput = OutputOf<'attribute'>

/** A row of a user who is compared. */
export interface ComparedRow {
  readonly partition: Partition
  readonly row: number
  /** Its text, where that is not the one that was delivered last. */
  readonly text?: string
}

/** How what was delivered of an attribute compares with what the destination holds. */
export interface AttributeComparison {
  readonly isSame: boolean
  /** What was delivered, where the state can tell; undefined for a value it knows by its digest alone. */
  readonly delivered: Json | undefined
  /** Null where it holds nothing. */
  readonly holds: Json
}

const TRUE = digestOf('true')

/**
 * Compares one attribute of a user; null where nothing was delivered.
 *
 * Where elements come and go one by one their order is the destination's, so they are compared as a
 * set. In an array that several mappings share, each looks for its own element.
 */
export function compareAttribute(
  { partition, row, text: pending }: ComparedRow,
  output: AttributeOutput,
  user: Pick<ExportedUser, 'attributes'>,
): AttributeComparison | null {
  const held = partition.slots.digest(row, output.column)
  if (isNothing(held)) return null
  const { encoding } = output
  const holds = valueAt(user.attributes.get(encoding.name), encoding.path)
  if (encoding.mode === 'element') return compareElement(isMember(held), encoding.element, holds)
  const text = pending ?? partition.storedTexts.get(row, output.column)
  if (text !== undefined && isSet(encoding))
    return compareSets(JSON.parse(text) as Json, encoding, holds)
  const wanted = output.isSegment ? encodedDigest(encoding, isSameDigest(held, MEMBER)) : held
  const found = encodedDigest(encoding, holds)
  const isSame = found !== null && wanted !== null && isSameDigest(found, wanted)
  return { isSame, delivered: knownValue(output, held, text), holds }
}

function isSet({ mode }: AttributeEncoding): boolean {
  return mode === 'array-update' || mode === 'objects-by-id'
}

/** Segments have digests of their own for it. */
function isMember(held: Digest): boolean {
  return isSameDigest(held, MEMBER) || isSameDigest(held, TRUE)
}

function compareElement(delivered: boolean, element: string, array: Json): AttributeComparison {
  const holds = Array.isArray(array) && array.includes(element)
  return { isSame: holds === delivered, delivered, holds }
}

function compareSets(
  delivered: Json,
  { encode }: AttributeEncoding,
  holds: Json,
): AttributeComparison {
  const encoded = encode(holds)
  const [wanted, found] = [elementsOf(delivered), encoded.ok ? elementsOf(encoded.value) : null]
  const isSame =
    wanted !== null &&
    found !== null &&
    wanted.size === found.size &&
    [...wanted].every((element) => found.has(element))
  return { isSame, delivered, holds }
}

function elementsOf(value: Json): ReadonlySet<string> | null {
  return Array.isArray(value) ? new Set(value.map(canonicalText)) : null
}

function knownValue(
  { isSegment }: AttributeOutput,
  held: Digest,
  text: string | undefined,
): Json | undefined {
  if (text !== undefined) return JSON.parse(text) as Json
  if (isSameDigest(held, NO_VALUE)) return null
  if (isSegment) return isSameDigest(held, MEMBER)
  if (isMember(held)) return true
  return isSameDigest(held, NO_MEMBER) ? false : undefined
}

/** The digest a value has once it is encoded for an attribute; null when it cannot be. */
function encodedDigest({ encode }: AttributeEncoding, value: Json): Digest | null {
  if (value === null) return NO_VALUE
  const encoded = encode(value)
  return encoded.ok ? digestOf(canonicalText(encoded.value)) : null
}

function valueAt(value: unknown, path: readonly string[]): Json {
  let at: unknown = value
  for (const key of path)
    at = typeof at === 'object' && at !== null ? (at as Record<string, unknown>)[key] : undefined
  return (at ?? null) as Json
}
