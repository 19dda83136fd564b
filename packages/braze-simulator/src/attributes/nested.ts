import type { Json, JsonObject } from '@engage-sync/contract'
import type { Rules } from '../options/index.ts'
import { LIMITS } from '../specification/index.ts'
import { characterCount, isObject, readDate } from '../values/index.ts'
import { isTime } from './types.ts'

/**
 * Whether an object or array of objects can be stored: its keys are allowed, and every `$time` can
 * be read.
 *
 * @see https://www.braze.com/docs/user_guide/data/activation/custom_data/custom_attributes/nested_custom_attribute_support/
 */
export function isNestedValid(value: Json, rules: Rules): boolean {
  if (Array.isArray(value)) return value.every((item) => isNestedValid(item, rules))
  if (!isObject(value)) return true
  if (isTime(value))
    return !rules.nestedTime || (typeof value.$time === 'string' && readDate(value.$time) !== null)
  return Object.entries(value).every(
    ([key, item]) => (!rules.nestedKeys || isNestedKey(key)) && isNestedValid(item, rules),
  )
}

function isNestedKey(key: string): boolean {
  return key.length > 0 && characterCount(key) <= LIMITS.textLength && !/[.$\s]/.test(key)
}

/**
 * The first object with the second merged into it, deeply. Arrays and scalars of the second
 * replace.
 */
export function mergeDeep(old: JsonObject, update: JsonObject): JsonObject {
  const merged = new Map(Object.entries(old))
  for (const [key, value] of Object.entries(update)) {
    const before = merged.get(key)
    merged.set(
      key,
      isObject(before) && isObject(value) && !isTime(value) ? mergeDeep(before, value) : value,
    )
  }
  return Object.fromEntries(merged)
}

/** Whether a value holds a null member, at any depth. */
export function hasNullMember(value: Json): boolean {
  if (Array.isArray(value)) return value.some(hasNullMember)
  return (
    isObject(value) && Object.values(value).some((item) => item === null || hasNullMember(item))
  )
}

/** A value without the null members of its objects, at any depth. */
export function withoutNullMembers(value: Json): Json {
  if (Array.isArray(value)) return value.map(withoutNullMembers)
  if (!isObject(value)) return value
  const members = Object.entries(value).filter(([, item]) => item !== null)
  return Object.fromEntries(members.map(([key, item]) => [key, withoutNullMembers(item)]))
}

/** Leaf keys of an object: what it costs. A time is one leaf, an array too. */
export function countLeaves(value: JsonObject): number {
  let leaves = 0
  for (const item of Object.values(value))
    leaves += isObject(item) && !isTime(item) ? Math.max(1, countLeaves(item)) : 1
  return leaves
}
