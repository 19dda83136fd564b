import type { Json } from '@engage-sync/contract'
import type { Rules, Settings } from '../options/index.ts'
import { LIMITS } from '../specification/index.ts'
import { characterCount } from '../values/index.ts'

/** An array after a write, and whether values were cut for lack of room. */
export interface ArrayResult {
  readonly value: readonly Json[]
  readonly isCut: boolean
}

/**
 * An array with values added: each value once, a repeated one at the end, the oldest cut when it is
 * full.
 *
 * @see https://www.braze.com/docs/user_guide/data/activation/custom_data/data_types/
 */
export function addValues(
  old: readonly Json[],
  added: readonly Json[],
  { settings, rules }: { readonly settings: Settings; readonly rules: Rules },
): ArrayResult {
  const values = rules.arraySet ? distinct(old, added, rules) : [...old, ...added]
  if (!rules.arrayLimit || values.length <= settings.arrayLimit)
    return { value: values, isCut: false }
  const cut =
    settings.arrayOverflow === 'oldest'
      ? values.slice(values.length - settings.arrayLimit)
      : values.slice(0, settings.arrayLimit)
  return { value: cut, isCut: true }
}

/** An array without the given values; absent ones change nothing. */
export function removeValues(old: readonly Json[], removed: readonly Json[]): readonly Json[] {
  const gone = new Set(removed)
  return old.filter((value) => !gone.has(value))
}

/** Values an array can hold: scalars, and of text what is short enough. */
export function storable(values: readonly Json[], rules: Rules): readonly Json[] {
  return values.filter(
    (value) => typeof value !== 'object' && !(rules.stringLength && isTooLong(value)),
  )
}

/** Whether a value is a text over 255 characters. */
export function isTooLong(value: Json): boolean {
  return typeof value === 'string' && characterCount(value) > LIMITS.textLength
}

function distinct(old: readonly Json[], added: readonly Json[], rules: Rules): readonly Json[] {
  const values = new Set(old)
  for (const value of added) {
    if (rules.arrayMoveToEnd) values.delete(value)
    values.add(value)
  }
  return [...values]
}
