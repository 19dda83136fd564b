import type { Json, JsonObject } from '@engage-sync/contract'
import { drop } from '../model/index.ts'
import type {
  AttributeType,
  DropReason,
  ObjectPosition,
  User,
  WriteContext,
} from '../model/index.ts'
import { LIMITS } from '../specification/index.ts'
import { firstCharacters, canonicalText, isObject, jsonBytes, listOf } from '../values/index.ts'
import { addValues, isTooLong, removeValues, storable } from './arrays.ts'
import {
  countLeaves,
  hasNullMember,
  isNestedValid,
  mergeDeep,
  withoutNullMembers,
} from './nested.ts'
import { applyOperation, isObjectOperation, operationPoints } from './objects.ts'
import { coerce, detectType } from './types.ts'

/** What becomes of an attribute: a new value with its cost, or a reason why nothing does. */
type Next =
  | {
      readonly value: Json
      readonly points: number
      readonly type: AttributeType | null
      readonly note?: DropReason | null
    }
  | { readonly reason: DropReason }

/** A value to write, or to change what is held by. */
export interface Write {
  readonly name: string
  readonly value: Json
  readonly merge: boolean
}

/**
 * Writes one custom attribute of a user, or says in the drop log why it did not.
 *
 * @see https://www.braze.com/docs/api/objects_filters/user_attributes_object/
 */
export function setCustom(
  { user, ...write }: Write & { readonly user: User },
  position: ObjectPosition,
  context: WriteContext,
): void {
  const { rules, workspace } = context
  const old = user.custom.get(write.name) ?? null
  const next = nextValue(old, write, context)
  if ('reason' in next) {
    drop(context, { ...position, name: write.name }, next.reason)
    if (!rules.pointsFree) context.points.custom_attributes += 1
    return
  }
  if (next.note !== undefined && next.note !== null)
    drop(context, { ...position, name: write.name }, next.note)
  if (next.type !== null && !(rules.firstTypeFixed && workspace.types.has(write.name)))
    workspace.types.set(write.name, next.type)
  if (rules.pointsUnchanged || canonicalText(old) !== canonicalText(next.value))
    context.points.custom_attributes += next.points
  if (isRemoval(next.value, context)) user.custom.delete(write.name)
  else user.custom.set(write.name, next.value)
}

function isRemoval(value: Json, { rules }: WriteContext): boolean {
  return (value === null && rules.nullDeletes) || (value === '' && !rules.emptyStringKept)
}

function nextValue(old: Json, { name, value, merge }: Write, context: WriteContext): Next {
  if (value === null) return { value: null, points: context.rules.pointsNull ? 1 : 0, type: null }
  if (isObject(value)) {
    if (isIncrement(value)) return increment(old, value, context)
    if (isArrayOperation(value)) return changeArray(old, value, context)
    if (isObjectOperation(value)) return changeObjects(old, { operation: value, merge }, context)
  }
  const { rules, workspace } = context
  const known = rules.firstTypeFixed ? workspace.types.get(name) : undefined
  const type = known ?? detectType(value, rules)
  const typed = type === null ? value : coerce(value, type)
  if (typed === undefined && rules.coercion) return { reason: 'not_coercible' }
  const converted = typed === undefined || !rules.coerceValues ? value : typed
  return replace(old, { value: converted, merge, type }, context)
}

/** A value as it is stored, of a type. */
interface Typed<Value extends Json = Json> {
  readonly value: Value
  readonly merge: boolean
  readonly type: AttributeType | null
}

function replace(old: Json, { value, merge, type }: Typed, context: WriteContext): Next {
  const { rules, settings } = context
  if (Array.isArray(value) && type !== 'object_array') {
    const kept = storable(value, rules)
    const { value: items, isCut } = addValues([], kept, context)
    return { value: items, points: 1, type, note: noteOf(kept.length < value.length, isCut) }
  }
  if (typeof value === 'object' && value !== null)
    return replaceNested(old, { value: value as JsonObject, merge, type }, context)
  if (!rules.stringLength || !isTooLong(value)) return { value, points: 1, type }
  if (settings.longStrings === 'drop') return { reason: 'string_too_long' }
  return { value: firstCharacters(String(value), LIMITS.textLength), points: 1, type }
}

function replaceNested(
  old: Json,
  { value, merge, type }: Typed<JsonObject | readonly Json[]>,
  context: WriteContext,
): Next {
  const { rules, settings } = context
  const isRefused = settings.nestedNulls === 'drop' && hasNullMember(value)
  if (isRefused || !isNestedValid(value, rules)) return { reason: 'nested_value_invalid' }
  const canMerge =
    (merge || !rules.overwriteObjects) && rules.mergeObjects && isObject(old) && isObject(value)
  const next = canMerge ? mergeDeep(old, value) : value
  return sized(
    {
      value: settings.nestedNulls === 'remove' ? withoutNullMembers(next) : next,
      points: nestedPoints(value, context),
      type,
    },
    context,
  )
}

function nestedPoints(value: JsonObject | readonly Json[], { rules }: WriteContext): number {
  if (!rules.pointsObject) return 1
  const objects: readonly Json[] = isObject(value) ? [value] : value
  return Math.max(
    1,
    objects.reduce<number>((sum, item) => sum + (isObject(item) ? countLeaves(item) : 1), 0),
  )
}

function sized(next: Next & { value: Json }, { rules }: WriteContext): Next {
  return rules.nestedSize && jsonBytes(next.value) > LIMITS.nestedBytes
    ? { reason: 'too_large' }
    : next
}

function isIncrement(value: JsonObject): boolean {
  return Object.keys(value).length === 1 && Object.hasOwn(value, 'inc')
}

function increment(old: Json, { inc = null }: JsonObject, { rules }: WriteContext): Next {
  if (!rules.increment) return { value: inc, points: 1, type: 'number' }
  if (!Number.isInteger(inc) || (old !== null && typeof old !== 'number'))
    return { reason: 'not_coercible' }
  return { value: (old ?? 0) + (inc as number), points: 1, type: 'number' }
}

function isArrayOperation(value: JsonObject): boolean {
  const keys = Object.keys(value)
  return (
    keys.length > 0 &&
    keys.every((key) => (key === 'add' || key === 'remove') && Array.isArray(value[key]))
  )
}

function changeArray(old: Json, operation: JsonObject, context: WriteContext): Next {
  const { rules } = context
  if (old !== null && !Array.isArray(old)) return { reason: 'not_coercible' }
  const added = listOf(operation, 'add')
  const removed = listOf(operation, 'remove')
  const kept = storable(added, rules)
  const after = rules.arrayAdd
    ? addValues(old ?? [], kept, context)
    : { value: old ?? [], isCut: false }
  const value = rules.arrayRemove ? removeValues(after.value, removed) : after.value
  const points = rules.pointsArrayAdd ? added.length + removed.length : 1
  return { value, points, type: 'array', note: noteOf(kept.length < added.length, after.isCut) }
}

function noteOf(hasLongText: boolean, isCut: boolean): DropReason | null {
  if (hasLongText) return 'string_too_long'
  return isCut ? 'array_full' : null
}

function changeObjects(
  old: Json,
  { operation, merge }: { readonly operation: JsonObject; readonly merge: boolean },
  context: WriteContext,
): Next {
  const { rules } = context
  if (old !== null && !Array.isArray(old)) return { reason: 'not_coercible' }
  const added = listOf(operation, '$add')
  const updates = listOf(operation, '$update').map((item) =>
    isObject(item) ? (item.$new_object ?? null) : null,
  )
  if (!isNestedValid([...added, ...updates], rules)) return { reason: 'nested_value_invalid' }
  const allowed = Object.entries(operation).filter(
    ([key]) =>
      (key !== '$add' || rules.objectAdd) &&
      (key !== '$remove' || rules.objectRemove) &&
      (key !== '$update' || rules.objectUpdate),
  )
  const value = applyOperation(old ?? [], Object.fromEntries(allowed), {
    merge,
    fixedOrder: rules.operatorOrder,
  })
  return sized(
    {
      value,
      points: Math.max(1, operationPoints(operation, rules.pointsOperators)),
      type: 'object_array',
    },
    context,
  )
}
