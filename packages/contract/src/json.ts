/** Any JSON value. Arrays and objects are read-only: inputs are never changed. */
export type Json = null | boolean | number | string | JsonArray | JsonObject

/** A JSON array. */
export type JsonArray = readonly Json[]

/** A JSON object. Keys come from outside: read own properties only. */
export interface JsonObject {
  readonly [key: string]: Json
}

/** Whether a JSON value is an object (not null, not an array). */
export function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** Own property of an object from outside; `undefined` when absent or inherited. */
export function own(object: JsonObject, key: string): Json | undefined {
  return Object.hasOwn(object, key) ? object[key] : undefined
}
