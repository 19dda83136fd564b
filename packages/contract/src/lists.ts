/**
 * An element that must be there: the index comes from the list itself, or from one of the same length.
 *
 * @throws {RangeError} names the place, never a value
 */
export function itemAt<Item>(list: ArrayLike<Item>, index: number): Item {
  const item = list[index]
  if (item !== undefined || index in list) return item as Item
  throw new RangeError(`no element ${index} in a list of ${list.length}`)
}

/**
 * Two lists whose places mean the same, as pairs in their order.
 *
 * @throws {RangeError} when one is longer
 */
export function zip<First, Second>(
  first: readonly First[],
  second: readonly Second[],
): readonly (readonly [First, Second])[] {
  if (first.length !== second.length)
    throw new RangeError(`expected lists of one length, got ${first.length} and ${second.length}`)
  return first.map((item, index) => [item, second[index] as Second])
}

/** The one element of a list; null when there is none, or more than one. */
export function onlyOf<Item>(list: readonly Item[]): Item | null {
  const [first, ...others] = list
  return first === undefined || others.length > 0 ? null : first
}

/** The last element of a list that has one. @throws {RangeError} when it is empty */
export function lastOf<Item>(list: ArrayLike<Item>): Item {
  return itemAt(list, list.length - 1)
}

/**
 * The entry of a key that must be there: the map was made of the very things it is asked about.
 *
 * @throws {RangeError} names no key, which may be a person's
 */
export function entryOf<Key, Entry>(map: ReadonlyMap<Key, Entry>, key: Key): Entry {
  const entry = map.get(key)
  if (entry !== undefined || map.has(key)) return entry as Entry
  throw new RangeError(`no such key among ${map.size}`)
}
