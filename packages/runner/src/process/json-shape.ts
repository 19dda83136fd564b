import { isJsonObject } from '@engage-sync/core'
import type { Json } from '@engage-sync/core'

/** Whether JSON from outside has the form that is expected of it; undefined where it is absent. */
export type JsonCheck = (value: Json | undefined) => boolean

export const isText: JsonCheck = (value) => typeof value === 'string'
export const isTruth: JsonCheck = (value) => typeof value === 'boolean'
export const isWhole: JsonCheck = (value) => Number.isSafeInteger(value)
export const isObject: JsonCheck = (value) => value !== undefined && isJsonObject(value)
export const isThere: JsonCheck = (value) => value !== undefined
/** A text that a date can be made of. */
export const isInstant: JsonCheck = (value) =>
  typeof value === 'string' && Number.isFinite(Date.parse(value))

/** A list, and what each of its elements is. */
export const listOf =
  (check: JsonCheck): JsonCheck =>
  (value) =>
    Array.isArray(value) && value.every(check)

/** An object of any names, and what stands under each. */
export const mapOf =
  (check: JsonCheck): JsonCheck =>
  (value) =>
    value !== undefined && isJsonObject(value) && Object.values(value).every(check)

/** An object with these members; others may be there. */
export const objectOf =
  (members: Readonly<Record<string, JsonCheck>>): JsonCheck =>
  (value) =>
    value !== undefined &&
    isJsonObject(value) &&
    Object.entries(members).every(([name, check]) => check(value[name]))

export const orAbsent =
  (check: JsonCheck): JsonCheck =>
  (value) =>
    value === undefined || check(value)

export const orNull =
  (check: JsonCheck): JsonCheck =>
  (value) =>
    value === null || check(value)
