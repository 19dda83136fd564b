import { canonicalText, isJsonObject, isSameJson, own } from '@engage-sync/contract'
import type { Json } from '@engage-sync/contract'
import type { AttributeChange, BrazeAttribute } from './attribute.ts'

/**
 * Whether a change says nothing to Braze: a list whose elements came again in another order, an
 * empty object to merge.
 */
export function isEmptyDifference(change: AttributeChange<BrazeAttribute>): boolean {
  const { mode, path } = change.target
  if (path.length > 0) return false
  if (mode === 'merge-object') return change.text === EMPTY
  const isDifference = mode === 'array-update' || mode === 'objects-by-id'
  return isDifference && differenceText(change) === EMPTY
}

const EMPTY = '{}'

/**
 * What is sent of an array that travels as differences: those from what was delivered, or the whole
 * where they cannot be told. Other attributes travel whole.
 */
export function differenceText({
  target,
  text,
  storedText,
}: AttributeChange<BrazeAttribute>): string {
  if (target.mode === 'array-update') return arrayDifference(text, storedText)
  if (target.mode !== 'objects-by-id') return text
  return objectsDifference({ text, storedText, idField: target.idField })
}

function arrayDifference(text: string, storedText: string | undefined): string {
  const next = JSON.parse(text) as Json
  const last = storedText === undefined ? null : (JSON.parse(storedText) as Json)
  if (!Array.isArray(next) || !Array.isArray(last)) return text
  const nextTexts = new Set(next.map(canonicalText))
  const lastTexts = new Set(last.map(canonicalText))
  const add = next.filter((element) => !lastTexts.has(canonicalText(element)))
  const remove = last.filter((element) => !nextTexts.has(canonicalText(element)))
  return elementOperations({ add, remove })
}

/** `add` and `remove` of elements of one array, each where it has something to do. */
export function elementOperations(lists: {
  readonly add: readonly Json[]
  readonly remove: readonly Json[]
}): string {
  const present: Record<string, readonly Json[]> = {}
  if (lists.add.length > 0) present['add'] = lists.add
  if (lists.remove.length > 0) present['remove'] = lists.remove
  return JSON.stringify(present)
}

/**
 * `$add`, `$remove`, `$update` of an array of objects that are told apart by one member.
 *
 * An item that lost a member cannot be expressed as an update, since merging keeps it: the array is
 * replaced then.
 */
function objectsDifference(change: {
  readonly text: string
  readonly storedText: string | undefined
  readonly idField: string
}): string {
  const { text, storedText, idField } = change
  const next = itemsById(text, idField)
  const last = storedText === undefined ? null : itemsById(storedText, idField)
  if (next === null || last === null) return text
  const updates: Json[] = []
  const add: Json[] = []
  for (const [id, item] of next) {
    const before = last.get(id)
    if (before === undefined) add.push(item)
    else if (!isSameJson(before, item)) {
      if (Object.keys(before as object).some((key) => !Object.hasOwn(item as object, key)))
        return text
      updates.push({
        $identifier_key: idField,
        $identifier_value: itemId(item, idField),
        $new_object: item,
      })
    }
  }
  const remove = [...last]
    .filter(([id]) => !next.has(id))
    .map(([, item]) => ({ $identifier_key: idField, $identifier_value: itemId(item, idField) }))
  const parts: Record<string, readonly Json[]> = {}
  if (add.length > 0) parts['$add'] = add
  if (remove.length > 0) parts['$remove'] = remove
  if (updates.length > 0) parts['$update'] = updates
  return JSON.stringify(parts)
}

function itemsById(text: string, idField: string): Map<string, Json> | null {
  const items = JSON.parse(text) as Json
  if (!Array.isArray(items)) return null
  const byId = new Map<string, Json>()
  for (const item of items) {
    const id = isJsonObject(item) ? own(item, idField) : undefined
    if (id === undefined) return null
    byId.set(canonicalText(id), item)
  }
  return byId.size === items.length ? byId : null
}

function itemId(item: Json, idField: string): Json {
  return isJsonObject(item) ? (own(item, idField) ?? null) : null
}
