import { MAX_OBJECT_BYTES } from '../braze/limits.ts'
import { isJsonObject } from '../json.ts'
import type { Json } from '../json.ts'
import { canonicalText, isSameJson } from '../values/canonical.ts'
import type { Output } from './outputs.ts'

/**
 * One attribute to write: its output, the encoded value's text, and the text delivered last where
 * it is stored.
 */
export interface AttributeChange {
  readonly output: Output
  readonly text: string
  readonly storedText: string | undefined
}

/** Members of one attributes object, with what they count for. */
export interface AttributesText {
  readonly members: string
  readonly names: readonly string[]
  /** Attributes that were put into this object; the others must travel in a later one. */
  readonly written: readonly Output[]
}

/**
 * Writes the attributes of one user as members of one object.
 *
 * Shape: changes in; JSON members out (`"ltv":7,"vip":true`). Dotted names meet under their root,
 * elements of one array meet in one `add`/`remove`, subscription groups in one list. What cannot
 * share the object waits for a later one: whole objects that must be replaced, where this one
 * merges, since Braze's merge option holds for the whole object; the nulls of a root some other
 * path of which is set, since it is unproven that Braze then takes that one; and, each attribute
 * whole, what would make the object larger than any that is known to pass.
 *
 * @see https://www.braze.com/docs/api/objects_filters/user_attributes_object
 */
export function attributesText(changes: readonly AttributeChange[]): AttributesText {
  const merges = changes.some(isMerging)
  const sharing = merges
    ? changes.filter((change) => isMerging(change) || !replacesObject(change))
    : changes
  const fitting = firstThatFit(membersOf(withoutMixedNulls(sharing)))
  const members = fitting.map(({ text }) => text)
  if (merges) members.push('"_merge_objects":true')
  return {
    members: members.join(','),
    names: fitting.map(({ name }) => name),
    written: fitting.flatMap(({ changes: some }) => some.map(({ output }) => output)),
  }
}

/** One member of the object, and the changes it says. */
interface Member {
  readonly name: string
  readonly text: string
  readonly changes: readonly AttributeChange[]
}

function membersOf(changes: readonly AttributeChange[]): readonly Member[] {
  const members: Member[] = []
  const grouped = new Map<string, AttributeChange[]>()
  for (const change of changes) {
    const { output } = change
    if (isSimple(output)) {
      members.push({
        name: output.attribute!.name,
        text: output.nameText + change.text,
        changes: [change],
      })
      continue
    }
    const name = output.attribute === null ? SUBSCRIPTION_GROUPS : output.attribute.name
    const group = grouped.get(name)
    if (group === undefined) grouped.set(name, [change])
    else group.push(change)
  }
  for (const [name, group] of grouped)
    members.push({
      name,
      text: `${JSON.stringify(name)}:${groupText(name, group)}`,
      changes: group,
    })
  return members
}

/** As many members as stay within the size of one object; one at least. */
function firstThatFit(members: readonly Member[]): readonly Member[] {
  let bytes = 0
  for (let index = 0; index < members.length; index++) {
    bytes += mostBytesOf(members[index].text) + 1
    if (bytes > MAX_OBJECT_BYTES && index > 0) return members.slice(0, index)
  }
  return members
}

/** Shorter texts are taken at their most, longer ones are measured. UTF-16 units. */
const MEASURED_FROM = 500
/** No UTF-16 unit takes more bytes in UTF-8. */
const BYTES_PER_UNIT = 3
const encoder = new TextEncoder()

function mostBytesOf(text: string): number {
  return text.length < MEASURED_FROM ? text.length * BYTES_PER_UNIT : encoder.encode(text).length
}

/**
 * Without nulls on paths of a root of which another path is set: they travel by themselves, later.
 */
function withoutMixedNulls(changes: readonly AttributeChange[]): readonly AttributeChange[] {
  if (!changes.some(isPathNull)) return changes
  const set = new Set(changes.filter((change) => isPath(change) && !isPathNull(change)).map(rootOf))
  return changes.filter((change) => !(isPathNull(change) && set.has(rootOf(change))))
}

function isPath({ output }: AttributeChange): boolean {
  return output.attribute !== null && output.attribute.path.length > 0
}

function isPathNull(change: AttributeChange): boolean {
  return change.text === 'null' && isPath(change)
}

function rootOf({ output }: AttributeChange): string {
  return output.attribute!.name
}

/**
 * Whether a change says nothing to Braze: a list whose elements came again in another order, an
 * empty object to merge.
 */
export function isEmptyDifference(change: AttributeChange): boolean {
  const { attribute } = change.output
  if (attribute === null || attribute.path.length > 0) return false
  if (attribute.mode === 'merge-object') return change.text === EMPTY
  const isDifference = attribute.mode === 'array-update' || attribute.mode === 'objects-by-id'
  return isDifference && differenceText(change) === EMPTY
}

const EMPTY = '{}'

const SUBSCRIPTION_GROUPS = 'subscription_groups'

function isSimple(output: Output): boolean {
  const { attribute } = output
  return (
    attribute !== null &&
    attribute.path.length === 0 &&
    (attribute.mode === 'replace' || attribute.mode === 'merge-object')
  )
}

function isMerging({ output, text }: AttributeChange): boolean {
  const { attribute } = output
  if (attribute === null) return false
  if (attribute.path.length > 0) return true
  return (
    text !== 'null' && (attribute.mode === 'merge-object' || attribute.mode === 'objects-by-id')
  )
}

function replacesObject({ output, text }: AttributeChange): boolean {
  return (
    output.attribute !== null &&
    output.attribute.mode === 'replace' &&
    output.attribute.path.length === 0 &&
    text.startsWith('{')
  )
}

function groupText(name: string, group: readonly AttributeChange[]): string {
  const [change] = group
  const { output } = change
  if (name === SUBSCRIPTION_GROUPS && output.attribute === null) return subscriptionGroups(group)
  if (output.attribute!.mode === 'element') return elements(group)
  if (output.attribute!.path.length > 0) return nested(group)
  return differenceText(change)
}

/**
 * What is sent of an array that travels as differences: those from what was delivered, or the whole
 * where they cannot be told.
 */
export function differenceText({ output, text, storedText }: AttributeChange): string {
  const { mode, idField } = output.attribute!
  return mode === 'array-update'
    ? arrayDifference(text, storedText)
    : objectsDifference({ text, storedText, idField: idField! })
}

function subscriptionGroups(group: readonly AttributeChange[]): string {
  return JSON.stringify(
    group.map(({ output, text }) => ({
      subscription_group_id: output.subscriptionGroup!.groupId,
      subscription_state: text === 'true' ? 'subscribed' : 'unsubscribed',
    })),
  )
}

function elements(group: readonly AttributeChange[]): string {
  const add = group
    .filter(({ text }) => text === 'true')
    .map(({ output }) => output.attribute!.element!)
  const remove = group
    .filter(({ text }) => text !== 'true')
    .map(({ output }) => output.attribute!.element!)
  return operations({ add, remove })
}

function nested(group: readonly AttributeChange[]): string {
  const root: Record<string, unknown> = Object.create(null) as Record<string, unknown>
  for (const { output, text } of group) {
    const { path } = output.attribute!
    let at = root
    for (const key of path.slice(0, -1))
      at = (at[key] ??= Object.create(null)) as Record<string, unknown>
    at[path.at(-1)!] = JSON.parse(text)
  }
  return JSON.stringify(root)
}

function arrayDifference(text: string, storedText: string | undefined): string {
  const next = JSON.parse(text) as Json
  const last = storedText === undefined ? null : (JSON.parse(storedText) as Json)
  if (!Array.isArray(next) || !Array.isArray(last)) return text
  const nextTexts = new Set(next.map(canonicalText))
  const lastTexts = new Set(last.map(canonicalText))
  const add = next.filter((element) => !lastTexts.has(canonicalText(element)))
  const remove = last.filter((element) => !nextTexts.has(canonicalText(element)))
  return operations({ add, remove })
}

/** `add` and `remove` where they have something to do. */
function operations(lists: {
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
    if (!isJsonObject(item) || !Object.hasOwn(item, idField)) return null
    byId.set(canonicalText(item[idField]), item)
  }
  return byId.size === items.length ? byId : null
}

function itemId(item: Json, idField: string): Json {
  return isJsonObject(item) ? item[idField] : null
}
