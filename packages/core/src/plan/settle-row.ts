import type { FrozenColumns } from '../fold/frozen-columns.ts'
import { hasSeen, isGone } from '../fold/presence.ts'
import type { FoldProgram, SegmentProgram } from '../fold/program.ts'
import { FALSE, isSameDigest, MEMBER, NO_MEMBER, NO_VALUE, TRUE } from '../rows/hash/digest.ts'
import type { Digest } from '../rows/hash/digest.ts'
import type { OpenPartition } from '../rows/pending/open-partition.ts'
import { evaluateSegment } from './evaluate-segment.ts'
import type { CountedEvent, SegmentPlace } from './evaluate-segment.ts'
import { acceptedEvents } from './settle-events.ts'
import type { AcceptedEvent } from './settle-events.ts'

/** Events of a row by pending entry, computed once per row. */
export type RowEvents = ReadonlyMap<number, readonly AcceptedEvent[]>

/** A row without events. */
export const NO_EVENTS: RowEvents = new Map()

/** The events a row will send, by entry. */
export function eventsOfRow(program: FoldProgram, open: OpenPartition, row: number): RowEvents {
  let events: Map<number, readonly AcceptedEvent[]> | null = null
  const { pending } = open
  for (let entry = pending.first(row); entry >= 0; entry = pending.after(entry)) {
    if (!pending.isEvent(entry)) continue
    const source = program.eventByColumn[pending.columnOf(entry)]
    if (source !== undefined)
      (events ??= new Map()).set(entry, acceptedEvents(pending, entry, source))
  }
  return events ?? NO_EVENTS
}

/** The same events as counters see them. */
export function countedEvents(
  program: FoldProgram,
  open: OpenPartition,
  events: RowEvents,
): readonly CountedEvent[] {
  if (events.size === 0) return []
  const counted: CountedEvent[] = []
  for (const [entry, accepted] of events) {
    const mapping = program.eventByColumn[open.pending.columnOf(entry)]?.id
    if (mapping === undefined) continue
    for (const { name, time } of accepted) counted.push({ name, mapping, time })
  }
  return counted
}

/** How segments are settled, by id: those that are new in this run, and those it cannot judge. */
export interface SettleOptions {
  readonly bornNow: ReadonlySet<string>
  /**
   * Their values were not read as they are now, so their memberships stay as they are. Default:
   * none.
   */
  readonly frozenSegments?: ReadonlySet<string>
  /** Their memberships stay as they are, too. Default: none. */
  readonly frozenColumns?: FrozenColumns | null
}

/**
 * Brings the row's segment memberships in line with what it now holds, as pending entries.
 *
 * A user who enters gets `true`; one who was a member and leaves gets `false`; one who never was
 * gets nothing. Who is gone from the source is a member of nothing, whatever the conditions say of
 * no values.
 */
export function settleSegments(
  program: FoldProgram,
  place: SegmentPlace,
  { bornNow, frozenSegments, frozenColumns = null }: SettleOptions,
): void {
  const frozen = frozenColumns?.of(place.open.rows.number, place.row) ?? null
  for (const segment of program.segments) {
    if (frozenSegments?.has(segment.segment.id) === true) continue
    const isHere = hasSeen(segment, place)
    if (!isHere && !isGone(segment, place)) continue
    const silent = bornNow.has(segment.segment.id) && !segment.segment.backfill
    const turn = { member: isHere && evaluateSegment(segment, place), silent }
    for (const slot of segment.slots)
      if (frozen?.has(slot.column) !== true) settleMembership(place, slot, turn)
  }
}

type SegmentSlot = SegmentProgram['slots'][number]

interface MembershipTurn {
  readonly member: boolean
  readonly silent: boolean
}

function settleMembership(
  place: SegmentPlace,
  slot: SegmentSlot,
  { member, silent }: MembershipTurn,
): void {
  const { open, row, nowMs } = place
  const { slots } = open.rows
  const { notes } = open.pending
  const digest = member ? MEMBER : exitOf(slot)
  const isKnown =
    slots.holds(row, slot.column, digest) || (!member && slots.isEmpty(row, slot.column))
  const isDoubted = notes.isDoubted(row) && slot.kind !== 'event'
  if (isKnown && !isDoubted) return
  if (wasRefused(place, slot.column, digest)) return
  const turn = { column: slot.column, member, digest, isDoubted }
  if (silent) notes.dirty(row)
  else if (slot.kind === 'event') addTransition(place, turn)
  else addMembership(place, turn)
  slots.write(row, slot.column, { low: digest.low, high: digest.high, time: nowMs })
}

/** What a slot holds of somebody who left: no value where that unsets the attribute. */
function exitOf({ encoding }: SegmentSlot): Digest {
  const unsets =
    encoding.kind === 'attribute' && encoding.mode === 'replace' && encoding.onExit === 'unset'
  return unsets ? NO_VALUE : NO_MEMBER
}

/** What Braze refused is not tried again. */
function wasRefused({ open, row }: SegmentPlace, column: number, digest: Digest): boolean {
  const { refused } = open.rows
  const known = refused.size === 0 ? undefined : refused.get(row, column)
  return known !== undefined && isSameDigest(known, digest)
}

interface Turn {
  readonly column: number
  readonly member: boolean
  readonly digest: Digest
  readonly isDoubted: boolean
}

function addMembership({ open, row }: SegmentPlace, { column, member, isDoubted }: Turn): void {
  const entry = open.propose(row, column, textOf(member))
  if (isDoubted) open.pending.doubt(entry)
}

/**
 * Entering and leaving happen when they are noticed: at the run's now. Of one slot the last one
 * counts alone.
 */
function addTransition({ open, row, nowMs }: SegmentPlace, { column, member, digest }: Turn): void {
  const entry = open.eventEntryFor(row, column)
  open.pending.dropEvents(entry)
  open.pending.addEvent(
    entry,
    { low: digest.low, high: digest.high, time: nowMs, isHistory: false },
    textOf(member),
  )
}

function textOf(member: boolean): Uint8Array {
  return (member ? TRUE : FALSE).bytes
}
