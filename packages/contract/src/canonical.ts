import { isJsonObject } from './json.ts'
import type { Json, JsonObject } from './json.ts'

/**
 * The one text of a JSON value: equal texts mean equal values.
 *
 * Shape: any JSON value in, compact JSON out; object members sorted by UTF-16 code units at every
 * level, numbers and strings as `JSON.stringify` writes them (so `-0` is `0`). A bigint, which a
 * source's value may hold, gives its digits.
 */
export function canonicalText(value: Json): string {
  if (Array.isArray(value)) return `[${value.map(canonicalText).join(',')}]`
  if (isJsonObject(value)) return objectText(value)
  return typeof value === 'bigint' ? String(value) : JSON.stringify(value)
}

/** Whether two JSON values are the same, whatever the order of object members. */
export function isSameJson(left: Json, right: Json): boolean {
  return left === right || canonicalText(left) === canonicalText(right)
}

function objectText(object: JsonObject): string {
  const members = Object.entries(object)
    .toSorted(([left], [right]) => byCodeUnit(left, right))
    .map(([key, value]) => `${JSON.stringify(key)}:${canonicalText(value)}`)
  return `{${members.join(',')}}`
}

function byCodeUnit(left: string, right: string): number {
  if (left === right) return 0
  return left < right ? -1 : 1
}
