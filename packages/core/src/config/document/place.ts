import type { Scalar } from 'yaml'
import type { ConfigPath } from '../../model/source-range.ts'
import { locateInScalar } from './scalar-offsets.ts'

/** Offsets into a file's text; the end is exclusive. */
export interface Span {
  readonly start: number
  readonly end: number
}

/** Where a value stands in its file, and its members. */
export interface Place {
  readonly value: Span
  /** Where its key stands; null for list items and the root. */
  readonly key: Span | null
  /** By key, or by index as a text. */
  readonly members: ReadonlyMap<string, Place>
  /** The YAML node of a text, to find characters inside it. */
  readonly scalar: Scalar | null
}

/** Finds the place of a path, or of its nearest parent that exists. */
export function placeAt(root: Place, path: ConfigPath): Place {
  let place = root
  for (const step of path) {
    const next = place.members.get(String(step))
    if (next === undefined) return place
    place = next
  }
  return place
}

/**
 * Finds where some characters of a text value stand in the file.
 *
 * Shape: UTF-16 offsets of the value in, offsets of the file's text out; escapes, quotes and folded
 * lines are followed.
 */
export function spanInside(
  place: Place,
  text: string,
  { from, to }: { readonly from: number; readonly to: number },
): Span {
  if (place.scalar === null) return place.value
  const start = locateInScalar(place.scalar, text, from)
  const last = locateInScalar(place.scalar, text, Math.max(from, to - 1))
  return { start, end: Math.max(start + 1, last + 1) }
}
