import { canonicalText, itemAt } from '@engage-sync/contract'
import type { EventUpdate, MembershipChange, UserRef } from '@engage-sync/contract'
import type { AttributeChange } from '../braze/attribute.ts'
import { attributesText } from '../braze/attributes-text.ts'
import { isEmptyDifference } from '../braze/differences.ts'
import { eventText } from '../braze/event-text.ts'
import { saysNothing } from '../fold/encoded.ts'
import type { FoldProgram } from '../fold/program.ts'
import { NOTHING } from '../rows/hash/digest.ts'
import type { OpenPartition, RowPlace } from '../rows/pending/open-partition.ts'
import type { Partition } from '../rows/partition.ts'
import { userRefOf } from '../rows/hash/user-key.ts'
import type { Output, OutputOf } from './outputs.ts'
import type { RowEvents } from './settle-row.ts'

/** A row's pending entry with what it becomes. */
export interface PendingOutput<Of extends Output = Output> {
  readonly entry: number
  readonly output: Of
}

/** Whether a pending entry becomes something of this kind. */
export function isPending<Kind extends Output['kind']>(
  pending: PendingOutput,
  kind: Kind,
): pending is PendingOutput<OutputOf<Kind>> {
  return pending.output.kind === kind
}

/** What travels in an attributes object. */
type AttributeOutput = OutputOf<'attribute' | 'subscription'>

/** A row's pending event: one of the candidates of its entry. */
export interface EventEntry extends PendingOutput<OutputOf<'event'>> {
  readonly candidate: number
  readonly name: string
  /** Milliseconds since the epoch. */
  readonly time: number
}

/** What one row sends, with the entries behind each part. */
export interface RowUpdate {
  readonly attributes: string | null
  readonly attributeNames: readonly string[]
  readonly attributeEntries: readonly PendingOutput<AttributeOutput>[]
  readonly events: readonly EventUpdate[]
  /** By event `ref`: which entry and candidate it is. */
  readonly eventEntries: readonly EventEntry[]
  readonly memberships: readonly MembershipChange[]
  readonly membershipEntries: readonly PendingOutput<OutputOf<'cohort'>>[]
}

/**
 * A row's entries that have something to send, in column order.
 *
 * @param events - what its event entries amount to
 */
export function pendingOutputs(
  outputs: readonly (Output | undefined)[],
  place: RowPlace,
  events: RowEvents,
): readonly PendingOutput[] {
  const { pending } = place.open
  let entry = pending.first(place.row)
  if (entry < 0) return NO_OUTPUTS
  let found: PendingOutput[] | null = null
  for (; entry >= 0; entry = pending.after(entry)) {
    const output = outputs[pending.columnOf(entry)]
    if (output !== undefined && isSent(place, { entry, output }, events))
      found = appended(found, { entry, output })
  }
  return found === null ? NO_OUTPUTS : inColumnOrder(found)
}

const NO_OUTPUTS: readonly PendingOutput[] = []

/** Whether a row has something to send of some outputs, its events apart. */
export function hasPending(
  outputs: readonly (Output | undefined)[],
  place: RowPlace,
  isWanted: (output: Output) => boolean,
): boolean {
  const { pending } = place.open
  for (let entry = pending.first(place.row); entry >= 0; entry = pending.after(entry)) {
    const output = outputs[pending.columnOf(entry)]
    if (output === undefined || output.kind === 'event' || !isWanted(output)) continue
    if (isSent(place, { entry, output }, null)) return true
  }
  return false
}

/** Whether an entry has something to send. @param events - what those of the row amount to */
function isSent(
  place: RowPlace,
  { entry, output }: PendingOutput,
  events: RowEvents | null,
): boolean {
  if (!place.open.pending.isOpen(entry)) return false
  if (output.kind === 'event') return (events?.get(entry)?.length ?? 0) > 0
  return !isUndone(place, entry, output)
}

/** An array that gets its first item with its room alone: most of a row's hold one. */
function appended<T>(items: T[] | null, item: T): T[] {
  if (items === null) return [item]
  items.push(item)
  return items
}

/** More than so many are left to the sort of the language, which makes arrays of its own. */
const FEW = 16

function inColumnOrder(found: PendingOutput[]): readonly PendingOutput[] {
  if (found.length > FEW) return found.sort((a, b) => a.output.column - b.output.column)
  for (let from = 1; from < found.length; from++) {
    const pending = itemAt(found, from)
    let at = from
    for (; at > 0; at--) {
      const before = itemAt(found, at - 1)
      if (before.output.column <= pending.output.column) break
      found[at] = before
    }
    found[at] = pending
  }
  return found
}

/**
 * The value ended where it began, and no run can have sent another; or it says nothing (unset, no
 * member) about a user of whom nothing was said; or what differs from the value delivered is
 * nothing that can be told.
 */
function isUndone({ open, row }: RowPlace, entry: number, output: Output): boolean {
  const { pending } = open
  if (pending.isInDoubt(entry)) return false
  if (pending.heldBefore(entry, NOTHING))
    return saysNothing(pending.firstByte(entry), output.encoding)
  return open.isUndone(row, entry) || isToldAlready({ open, row }, entry, output)
}

/**
 * Only values that travel as differences can change and have nothing to say; the others are not
 * read here.
 */
function isToldAlready({ open, row }: RowPlace, entry: number, output: Output): boolean {
  if (output.kind !== 'attribute') return false
  if (!output.storesText && output.encoding.mode !== 'merge-object') return false
  return isEmptyDifference(attributeChange(open, row, { entry, output }))
}

/**
 * What a row sends: attributes, then events, then memberships.
 *
 * Shape: pending entries in, one set of parts out; empty parts are null or empty. Attributes that
 * cannot share an object with the others are left for a later round.
 */
export function buildRowUpdate(context: {
  program: FoldProgram
  open: OpenPartition
  row: number
  events: RowEvents
  entries: readonly PendingOutput[]
}): RowUpdate {
  const { open, row, events, entries } = context
  let attributes: PendingOutput<AttributeOutput>[] | null = null
  let membershipEntries: PendingOutput<OutputOf<'cohort'>>[] | null = null
  let sent: SentEvents | null = null
  for (const pending of entries) {
    if (isPending(pending, 'attribute') || isPending(pending, 'subscription'))
      attributes = appended(attributes, pending)
    else if (isPending(pending, 'event')) addEvents((sent ??= noEvents()), pending, events)
    else if (isPending(pending, 'cohort')) membershipEntries = appended(membershipEntries, pending)
  }
  return {
    ...(attributes === null ? NO_ATTRIBUTES : attributesOf(open, row, attributes)),
    ...(sent ?? NO_EVENTS_SENT),
    ...(membershipEntries === null ? NO_MEMBERSHIPS : membershipsOf(open, membershipEntries)),
  }
}

type Attributes = Pick<RowUpdate, 'attributes' | 'attributeNames' | 'attributeEntries'>
type Memberships = Pick<RowUpdate, 'memberships' | 'membershipEntries'>

const NO_ATTRIBUTES: Attributes = { attributes: null, attributeNames: [], attributeEntries: [] }
const NO_EVENTS_SENT: Pick<RowUpdate, 'events' | 'eventEntries'> = { events: [], eventEntries: [] }
const NO_MEMBERSHIPS: Memberships = { memberships: [], membershipEntries: [] }

function attributesOf(
  open: OpenPartition,
  row: number,
  entries: readonly PendingOutput<AttributeOutput>[],
): Attributes {
  const changes = entries.map((pending) => attributeChange(open, row, pending))
  const { members, names, written } = attributesText(changes)
  return {
    attributes: members === '' ? null : members,
    attributeNames: names,
    attributeEntries:
      written.length === entries.length
        ? entries
        : entries.filter(({ output }) => written.includes(output.encoding)),
  }
}

function membershipsOf(
  open: OpenPartition,
  entries: readonly PendingOutput<OutputOf<'cohort'>>[],
): Memberships {
  const memberships = entries.map(({ output, entry }, ref) => ({
    ref,
    cohortId: output.encoding.cohortId,
    member: saysMember(open, { entry }),
  }))
  return { memberships, membershipEntries: entries }
}

/** Whether a pending membership is to be joined, not left. */
export function saysMember(
  { pending }: OpenPartition,
  { entry }: Pick<PendingOutput, 'entry'>,
): boolean {
  return pending.firstByte(entry) === FIRST_OF_TRUE
}

const FIRST_OF_TRUE = 0x74

/** A row's pending attribute, with what was delivered of it where differences are sent. */
export function attributeChange<Of extends AttributeOutput>(
  open: OpenPartition,
  row: number,
  { entry, output }: PendingOutput<Of>,
): AttributeChange<Of['encoding']> {
  const raw = open.pending.text(entry)
  const text = output.isSegment ? segmentText(output.encoding, raw) : raw
  // In doubt it is not known what a difference would meet.
  const isSure = !open.pending.isInDoubt(entry)
  const storedText =
    output.storesText && isSure ? open.rows.storedTexts.get(row, output.column) : undefined
  return { target: output.encoding, text, storedText }
}

/** A verdict as the attribute says it; elements and subscription groups take it as it is. */
function segmentText(encoding: AttributeOutput['encoding'], raw: string): string {
  if (encoding.kind !== 'attribute' || encoding.mode === 'element') return raw
  const encoded = encoding.encode(raw === 'true')
  return encoded.ok ? canonicalText(encoded.value) : 'null'
}

/** The events an entry amounts to: what is sent of each, and the entry behind it. */
function addEvents(
  to: SentEvents,
  pending: PendingOutput<OutputOf<'event'>>,
  events: RowEvents,
): void {
  const { entry, output } = pending
  for (const { candidate, name, time, value } of events.get(entry) ?? []) {
    const properties = output.encoding.propertiesFor(value)
    const members = eventText({ name, time, properties })
    to.events.push({ ref: to.events.length, members })
    to.eventEntries.push({ entry, output, candidate, name, time })
  }
}

interface SentEvents {
  readonly events: EventUpdate[]
  readonly eventEntries: EventEntry[]
}

function noEvents(): SentEvents {
  return { events: [], eventEntries: [] }
}

/** The Braze user a row stands for. */
export function userOfRow(rows: Partition, row: number): UserRef {
  return userRefOf(rows.kindOf(row), rows.idText(row))
}
