import type { Json, JsonObject } from '@engage-sync/contract'
import type { AttributeType } from '../model/index.ts'
import type { Rules } from '../options/index.ts'
import { isObject, readDate } from '../values/index.ts'

/**
 * The type a first value gives an attribute; null for an empty array, which says nothing of its
 * elements.
 *
 * @see https://www.braze.com/docs/user_guide/data/activation/custom_data/managing_custom_data/
 */
export function detectType(value: Json, rules: Rules): AttributeType | null {
  if (typeof value === 'boolean') return 'boolean'
  if (typeof value === 'number') return 'number'
  if (typeof value === 'string')
    return rules.dateStrings && readDate(value) !== null ? 'time' : 'string'
  if (Array.isArray(value))
    return value.length === 0 ? null : value.some(isObject) ? 'object_array' : 'array'
  return isObject(value) && isTime(value) ? 'time' : 'object'
}

/** Whether a value is written as a time: `{"$time": …}`. */
export function isTime(value: JsonObject): boolean {
  return Object.hasOwn(value, '$time') && Object.keys(value).length === 1
}

/** A value in the type of its attribute; `undefined` when it cannot become one. */
export function coerce(value: Json, type: AttributeType): Json | undefined {
  return COERCIONS[type](value)
}

const COERCIONS: { readonly [Type in AttributeType]: (value: Json) => Json | undefined } = {
  boolean(value) {
    if (typeof value === 'boolean') return value
    const text = String(value).toLowerCase()
    if (text === '1' || text === 'true' || text === 't') return true
    return text === '0' || text === 'false' || text === 'f' ? false : undefined
  },
  number(value) {
    if (typeof value === 'number') return value
    if (typeof value !== 'string' || !/^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(value.trim()))
      return undefined
    return Number(value)
  },
  string(value) {
    return typeof value === 'string' ? value : typeof value === 'number' ? String(value) : undefined
  },
  time(value) {
    const text = isObject(value) && isTime(value) ? value.$time : value
    const time = typeof text === 'string' ? readDate(text) : null
    return time === null ? undefined : new Date(time).toISOString()
  },
  array(value) {
    return Array.isArray(value) && !value.some((item) => typeof item === 'object')
      ? value
      : undefined
  },
  object(value) {
    return isObject(value) ? value : undefined
  },
  object_array(value) {
    return Array.isArray(value) && value.every(isObject) ? value : undefined
  },
}
