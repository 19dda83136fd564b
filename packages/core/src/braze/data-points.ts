import { isJsonObject } from '@engage-sync/contract'
import type { Json } from '@engage-sync/contract'
import type { AttributeWrite } from './attribute.ts'
import { STANDARD_ATTRIBUTES } from './standard-attributes.ts'

/** What one event costs. */
export const EVENT_POINTS = 1
/** What joining or leaving a cohort costs. */
export const COHORT_POINTS = 1
/** What a state of a subscription group costs. */
export const SUBSCRIPTION_POINTS = 0

/**
 * What one write of an attribute costs, by Braze's billing table.
 *
 * Shape: name, value as it is sent, and how. A scalar, a null or a whole array of scalars costs 1;
 * an object one for each leaf; an array of objects the sum of its objects; differences (`add`,
 * `remove`, `$add`, `$update`, `$remove`) one for each value, or leaf; some standard attributes
 * nothing.
 *
 * @see https://www.braze.com/docs/user_guide/data/infrastructure/data_points/
 */
export function dataPointsOf(
  name: string,
  value: Json,
  how: { readonly standard: boolean; readonly mode?: AttributeWrite['mode'] } = { standard: false },
): number {
  if (how.standard) return STANDARD_ATTRIBUTES.get(name)?.dataPoints ?? 1
  const isDifference =
    how.mode === 'array-update' || how.mode === 'objects-by-id' || how.mode === 'element'
  if (isDifference && isJsonObject(value)) return differencePoints(value)
  return Math.max(valuePoints(value), 1)
}

function valuePoints(value: Json): number {
  if (Array.isArray(value)) return value.some(isJsonObject) ? sum(value.map(leaves)) : 1
  return leaves(value)
}

function differencePoints(value: { readonly [key: string]: Json }): number {
  const points = Object.entries(value).map(([operation, items]) => {
    if (!Array.isArray(items)) return leaves(items)
    if (operation === '$remove') return items.length
    return sum(
      items.map((item) =>
        operation === '$update' && isJsonObject(item)
          ? leaves(item.$new_object ?? null)
          : leaves(item),
      ),
    )
  })
  return Math.max(sum(points), 1)
}

function leaves(value: Json): number {
  if (!isJsonObject(value)) return 1
  return '$time' in value ? 1 : sum(Object.values(value).map(leaves))
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0)
}
