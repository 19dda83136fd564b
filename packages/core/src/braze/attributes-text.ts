import { itemAt } from '@engage-sync/contract'
import type {
  AttributeChange,
  AttributesMember,
  BrazeAttribute,
  BrazeSubscriptionGroup,
} from './attribute.ts'
import { differenceText, elementOperations } from './differences.ts'
import { MAX_OBJECT_BYTES } from './limits.ts'

type OfAttribute = AttributeChange<BrazeAttribute>
type OfSubscription = AttributeChange<BrazeSubscriptionGroup>

/** Members of one attributes object, with what they count for. */
export interface AttributesText {
  readonly members: string
  readonly names: readonly string[]
  /** What was put into this object; the others must travel in a later one. */
  readonly written: readonly AttributesMember[]
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
  return plainText(changes) ?? textOfAnyKind(changes)
}

/**
 * What most rows send: whole values under names of their own, far from any limit. Null where some
 * of it is anything else.
 */
function plainText(changes: readonly AttributeChange[]): AttributesText | null {
  let members = ''
  const names: string[] = []
  const written: AttributesMember[] = []
  for (const { target, text } of changes) {
    if (target.kind !== 'attribute' || target.mode !== 'replace' || target.path.length > 0)
      return null
    members += members === '' ? target.nameText + text : `,${target.nameText}${text}`
    names.push(target.name)
    written.push(target)
  }
  const isSmall = members.length * BYTES_PER_UNIT + changes.length <= MAX_OBJECT_BYTES
  return isSmall ? { members, names, written } : null
}

function textOfAnyKind(changes: readonly AttributeChange[]): AttributesText {
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
    written: fitting.flatMap(({ changes: some }) => some.map(({ target }) => target)),
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
  const grouped = new Map<string, OfAttribute[]>()
  const subscriptions: OfSubscription[] = []
  for (const change of changes) {
    if (isOfSubscription(change)) subscriptions.push(change)
    else if (isOfAttribute(change)) {
      if (isSimple(change.target)) members.push(simpleMember(change))
      else addTo(grouped, change)
    }
  }
  for (const [name, group] of grouped)
    members.push({ name, text: `${JSON.stringify(name)}:${groupText(group)}`, changes: group })
  if (subscriptions.length > 0) members.push(subscriptionGroups(subscriptions))
  return members
}

function simpleMember(change: OfAttribute): Member {
  const { target, text } = change
  return { name: target.name, text: target.nameText + text, changes: [change] }
}

function addTo(grouped: Map<string, OfAttribute[]>, change: OfAttribute): void {
  const group = grouped.get(change.target.name)
  if (group === undefined) grouped.set(change.target.name, [change])
  else group.push(change)
}

function isOfAttribute(change: AttributeChange): change is OfAttribute {
  return change.target.kind === 'attribute'
}

function isOfSubscription(change: AttributeChange): change is OfSubscription {
  return change.target.kind === 'subscription'
}

/** As many members as stay within the size of one object; one at least. */
function firstThatFit(members: readonly Member[]): readonly Member[] {
  let bytes = 0
  for (const [index, { text }] of members.entries()) {
    bytes += mostBytesOf(text) + 1
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
  const set = new Set(changes.filter((change) => !isPathNull(change)).map(rootOf))
  return changes.filter((change) => !(isPathNull(change) && set.has(rootOf(change))))
}

/** The name below which a change says a path; null for what says no path. */
function rootOf({ target }: AttributeChange): string | null {
  return target.kind === 'attribute' && target.path.length > 0 ? target.name : null
}

function isPathNull(change: AttributeChange): boolean {
  return change.text === 'null' && rootOf(change) !== null
}

function isSimple({ path, mode }: BrazeAttribute): boolean {
  return path.length === 0 && (mode === 'replace' || mode === 'merge-object')
}

function isMerging({ target, text }: AttributeChange): boolean {
  if (target.kind !== 'attribute') return false
  if (target.path.length > 0) return true
  return text !== 'null' && (target.mode === 'merge-object' || target.mode === 'objects-by-id')
}

function replacesObject({ target, text }: AttributeChange): boolean {
  if (target.kind !== 'attribute' || target.mode !== 'replace') return false
  return target.path.length === 0 && text.startsWith('{')
}

function groupText(group: readonly OfAttribute[]): string {
  const change = itemAt(group, 0)
  const { mode, path } = change.target
  if (mode === 'element') return elements(group)
  return path.length > 0 ? nested(group) : differenceText(change)
}

const SUBSCRIPTION_GROUPS = 'subscription_groups'

function subscriptionGroups(changes: readonly OfSubscription[]): Member {
  const states = changes.map(({ target, text }) => ({
    subscription_group_id: target.groupId,
    subscription_state: text === 'true' ? 'subscribed' : 'unsubscribed',
  }))
  return {
    name: SUBSCRIPTION_GROUPS,
    text: `"${SUBSCRIPTION_GROUPS}":${JSON.stringify(states)}`,
    changes,
  }
}

function elements(group: readonly OfAttribute[]): string {
  const where = (isMember: boolean) =>
    group.flatMap(({ target, text }) =>
      target.mode === 'element' && (text === 'true') === isMember ? [target.element] : [],
    )
  return elementOperations({ add: where(true), remove: where(false) })
}

function nested(group: readonly OfAttribute[]): string {
  const root: Record<string, unknown> = Object.create(null) as Record<string, unknown>
  for (const { target, text } of group) setAt(root, target.path, JSON.parse(text))
  return JSON.stringify(root)
}

function setAt(root: Record<string, unknown>, path: readonly string[], value: unknown): void {
  let at = root
  path.forEach((key, depth) => {
    if (depth === path.length - 1) at[key] = value
    else at = (at[key] ??= Object.create(null)) as Record<string, unknown>
  })
}
