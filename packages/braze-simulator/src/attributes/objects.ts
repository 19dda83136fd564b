import type { Json, JsonObject } from '@engage-sync/contract'
import { canonicalText, isObject, listOf, own } from '../values/index.ts'
import { mergeDeep } from './nested.ts'

/** How `$`-operators apply. */
export interface ObjectOptions {
  /** `$update` merges into the object instead of replacing it. */
  readonly merge: boolean
  /** `$add`, `$remove`, `$update` in this order; otherwise as written. */
  readonly fixedOrder: boolean
}

const ORDER = ['$add', '$remove', '$update'] as const
type Operator = (typeof ORDER)[number]

/** Whether a value is made of `$add`, `$remove` and `$update`. */
export function isObjectOperation(value: JsonObject): boolean {
  const keys = Object.keys(value)
  return keys.length > 0 && keys.every((key) => ORDER.includes(key as Operator))
}

/**
 * An array of objects after `$add`, `$remove` and `$update`.
 *
 * @see https://www.braze.com/docs/user_guide/data/activation/custom_data/custom_attributes/array_of_objects/
 */
export function applyOperation(
  old: readonly Json[],
  operation: JsonObject,
  options: ObjectOptions,
): readonly Json[] {
  const order = options.fixedOrder ? ORDER : (Object.keys(operation) as Operator[])
  let items = old
  for (const operator of order)
    items = OPERATIONS[operator](items, listOf(operation, operator), options)
  return items
}

/**
 * What an operation costs: one a key of each added object, one a criterion removed, one a property
 * updated.
 */
export function operationPoints(operation: JsonObject, isCharged: boolean): number {
  const added = listOf(operation, '$add').reduce<number>(
    (sum, item) => sum + (isObject(item) ? Object.keys(item).length : 1),
    0,
  )
  if (!isCharged) return added
  const updated = listOf(operation, '$update').reduce<number>((sum, item) => {
    const properties = isObject(item) ? item.$new_object : undefined
    return sum + (isObject(properties) ? Object.keys(properties).length : 0)
  }, 0)
  return added + updated + listOf(operation, '$remove').length
}

const OPERATIONS: {
  readonly [Key in Operator]: (
    old: readonly Json[],
    changes: readonly Json[],
    options: ObjectOptions,
  ) => readonly Json[]
} = {
  $add: (old, changes) => [...old, ...changes.filter(isObject)],
  $remove: (old, changes) =>
    old.filter((item) => !changes.some((change) => isObject(change) && matches(item, change))),
  $update: (old, changes, { merge }) =>
    changes.reduce<readonly Json[]>((items, change) => {
      if (!isObject(change) || !isObject(change.$new_object)) return items
      const update = change.$new_object
      return items.map((item) =>
        !matches(item, change) ? item : merge && isObject(item) ? mergeDeep(item, update) : update,
      )
    }, old),
}

function matches(item: Json, criterion: JsonObject): boolean {
  const { $identifier_key: key, $identifier_value: value } = criterion
  if (!isObject(item) || typeof key !== 'string' || value === undefined) return false
  const held = own(item, key)
  return held !== undefined && canonicalText(held) === canonicalText(value)
}
