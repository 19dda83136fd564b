import { CLOSED, JsonScanner, OPEN_BRACE, standsAt } from './json-scanner.ts'

/** A path that leads nowhere. */
export const NO_VALUE = 0
/** A path whose value was found. */
export const FOUND = 1
/** A path the exact decoder must follow. */
export const UNCLEAR = 2

/** Where a value stands. */
export interface Place {
  start: number
  end: number
}

const NULL = 0x6e
const scanner = new JsonScanner()

/**
 * Finds the value at a path of members inside an object of valid JSON.
 *
 * Shape: `FOUND` with the place, `NO_VALUE` when a step is missing, `UNCLEAR` when a member comes
 * twice or a key has escapes. A null on the way is the value.
 */
export function findPath(
  bytes: Uint8Array,
  object: number,
  path: readonly Uint8Array[],
  place: Place,
): number {
  place.start = object
  for (let step = 0; step < path.length; step++) {
    if (bytes[place.start] === NULL) return FOUND
    if (bytes[place.start] !== OPEN_BRACE) return NO_VALUE
    const found = findMember(bytes, path[step], place)
    if (found !== FOUND) return found
  }
  return FOUND
}

/**
 * Finds a member of the object at `place.start`; when it is found, `place` becomes where its value
 * stands.
 */
export function findMember(bytes: Uint8Array, name: Uint8Array, place: Place): number {
  scanner.bytes = bytes
  let found = NO_VALUE
  let at = scanner.open(place.start)
  while (at >= 0) {
    const value = scanner.key(at)
    if (value < 0) return UNCLEAR
    const isNamed =
      scanner.keyEnd - scanner.keyStart === name.length && standsAt(bytes, scanner.keyStart, name)
    const end = scanner.value(value)
    if (end < 0) return UNCLEAR
    if (isNamed) {
      if (found === FOUND) return UNCLEAR
      found = FOUND
      place.start = value
      place.end = end
    }
    at = scanner.afterValue(end)
  }
  return at === CLOSED ? found : UNCLEAR
}
