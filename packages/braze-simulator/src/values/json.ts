import type { Json, JsonObject } from '@engage-sync/contract'

/** Whether a value is a JSON object: not null, not an array. */
export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** Whether a value is text with at least one character. */
export function isText(value: unknown): value is string {
  return typeof value === 'string' && value !== ''
}

/** Own property of an object from outside; `undefined` when absent. */
export function own(object: JsonObject, key: string): Json | undefined {
  return Object.hasOwn(object, key) ? object[key] : undefined
}

/** The array under a key, or an empty one. */
export function listOf(object: JsonObject, key: string): readonly Json[] {
  const value = own(object, key)
  return Array.isArray(value) ? value : []
}

/** Objects of an array, with their places. */
export function objectsOf(list: readonly Json[]): readonly (readonly [number, JsonObject])[] {
  return list.flatMap((item, index) => (isObject(item) ? [[index, item] as const] : []))
}

/** Whether a value has at most so many levels of arrays and objects. */
export function isWithinDepth(value: Json, levels: number): boolean {
  if (typeof value !== 'object' || value === null) return true
  return levels > 0 && Object.values(value).every((item: Json) => isWithinDepth(item, levels - 1))
}

/** Bytes of a text in UTF-8. */
export function bytesOf(text: string): number {
  return Buffer.byteLength(text, 'utf8')
}

/** Bytes of a value as compact JSON in UTF-8. */
export function jsonBytes(value: Json): number {
  return bytesOf(JSON.stringify(value))
}

/**
 * JSON text with the keys of every object in code-unit order, so that equal values give equal text.
 *
 * Shape: any JSON value in; compact text out. Arrays keep their order.
 */
export function canonicalText(value: Json): string {
  if (Array.isArray(value)) return `[${value.map(canonicalText).join(',')}]`
  if (!isObject(value)) return JSON.stringify(value)
  const members = Object.entries(value)
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, member]) => `${JSON.stringify(key)}:${canonicalText(member)}`)
  return `{${members.join(',')}}`
}
