import { DIRTY, DOUBTED } from '../fold/encoded.ts'
import { PENDING_DOUBT, PENDING_EVENT, PENDING_SILENT } from '../fold/pending.ts'
import type { FoldProgram, SegmentProgram } from '../fold/program.ts'
import type { OpenPartition } from '../fold/rows.ts'
import { acceptedEvents } from './settle-events.ts'
import type { AcceptedEvent } from './settle-events.ts'
import { evaluateSegment, hasSeen, isGone, MEMBER, NO_MEMBER, NO_VALUE } from './evaluate-segment.ts'
import type { CountedEvent, SegmentPlace } from './evaluate-segment.ts'

const TRUE_BYTES = new TextEncoder().encode('true')
const FALSE_BYTES = new TextEncoder().encode('false')

/** Events of a row by pending entry, computed once per row. */
export type RowEvents = ReadonlyMap<number, readonly AcceptedEvent[]>

/** A row without events. */
export const NO_EVENTS: RowEvents = new Map()

/** The events a row will send, by entry. */
export function eventsOfRow(program: FoldProgram, open: OpenPartition, row: number): RowEvents {
  let events: Map<number, readonly AcceptedEvent[]> | null = null
  const { pending } = open
  for (let entry = pending.head[row]; entry >= 0; entry = pending.next[entry]) {
    if ((pending.flags[entry] & PENDING_EVENT) === 0) continue
    const source = program.eventByColumn[pending.column[entry]]
    if (source !== undefined) (events ??= new Map()).set(entry, acceptedEvents(pending, entry, source))
  }
  return events ?? NO_EVENTS
}

/** The same events as counters see them. */
export function countedEvents(program: FoldProgram, open: OpenPartition, events: RowEvents): readonly CountedEvent[] {
  if (events.size === 0) return []
  const counted: CountedEvent[] = []
  for (const [entry, accepted] of events) {
    const mapping = program.eventByColumn[open.pending.column[entry]]!.id
    for (const { name, time } of accepted) counted.push({ name, mapping, time })
  }
  return counted
}

/** How segments are settled, by id: those that are new in this run, and those it cannot judge. */
export interface SettleOptions {
  readonly bornNow: ReadonlySet<string>
  /** Their values were not read as they are now, so their memberships stay as they are. Default: none. */
  readonly unjudged?: ReadonlySet<string>
}

/**
 * Brings the row's segment memberships in line with what it now holds, as pending entries.
 *
 * A user who enters gets `true`; one who was a member and leaves gets `false`; one who never was gets nothing. Who is
 * gone from the source is a member of nothing, whatever the conditions say of no values.
 */
export function settleSegments(program: FoldProgram, place: SegmentPlace, { bornNow, unjudged }: SettleOptions): void {
  for (const segment of program.segments) {
    if (unjudged?.has(segment.segment.id) === true) continue
    const isHere = hasSeen(segment, place)
    if (!isHere && !isGone(segment, place)) continue
    const member = isHere && evaluateSegment(segment, place)
    for (const slot of segment.slots)
      settleMembership({ segment, slot, place, member, silent: bornNow.has(segment.segment.id) && !segment.segment.backfill })
  }
}

interface MembershipTurn {
  readonly segment: SegmentProgram
  readonly slot: SegmentProgram['slots'][number]
  readonly place: SegmentPlace
  readonly member: boolean
  readonly silent: boolean
}

function settleMembership({ segment, slot, place, member, silent }: MembershipTurn): void {
  const { rows, pending } = place.open
  const at = place.row * rows.layout.stride + slot.offset
  const [low, high] = [rows.words[at], rows.words[at + 1]]
  const digest = member ? MEMBER : exitOf(segment, slot)
  const isKnown = (low === digest.low && high === digest.high) || (!member && low === 0 && high === 0)
  const isDoubted = (pending.touched[place.row] & DOUBTED) !== 0 && slot.kind !== 'event'
  if (isKnown && !isDoubted) return
  if (wasRefused(place, slot.column, digest)) return
  const turn = { at, column: slot.column, member, digest, isDoubted }
  if (silent) pending.touched[place.row] |= DIRTY
  else if (slot.kind === 'event') addTransition(place, turn)
  else addMembership(place, turn)
  rows.words[at] = digest.low
  rows.words[at + 1] = digest.high
  rows.times[(at + 2) >> 1] = place.nowMs
}

/** What a slot holds of somebody who left: no value where that unsets the attribute. */
function exitOf({ segment: { attribute } }: SegmentProgram, { kind }: MembershipTurn['slot']): Turn['digest'] {
  return kind === 'attribute' && attribute?.mode === 'replace' && attribute.onExit === 'unset' ? NO_VALUE : NO_MEMBER
}

/** What Braze refused is not tried again. */
function wasRefused({ open, row }: SegmentPlace, column: number, digest: Turn['digest']): boolean {
  const { refused, layout } = open.rows
  const known = refused.size === 0 ? undefined : refused.get(row * layout.columns.length + column)
  return known !== undefined && known[0] === digest.low && known[1] === digest.high
}

interface Turn {
  readonly at: number
  readonly column: number
  readonly member: boolean
  readonly digest: { readonly low: number; readonly high: number }
  readonly isDoubted: boolean
}

function entryFor({ open, row }: SegmentPlace, { at, column }: Turn): number {
  const { rows, pending } = open
  const entry = pending.find(row, column)
  if (entry >= 0) return entry
  return pending.add(row, column, { low: rows.words[at], high: rows.words[at + 1], time: rows.times[(at + 2) >> 1] })
}

function addMembership(place: SegmentPlace, turn: Turn): void {
  const { pending } = place.open
  const entry = entryFor(place, turn)
  const bytes = turn.member ? TRUE_BYTES : FALSE_BYTES
  pending.value[entry] = pending.arena.add(bytes, 0, bytes.length)
  pending.length[entry] = bytes.length
  pending.flags[entry] &= ~PENDING_SILENT
  if (turn.isDoubted) pending.flags[entry] |= PENDING_DOUBT
}

/** Entering and leaving happen when they are noticed: at the run's now. */
function addTransition(place: SegmentPlace, turn: Turn): void {
  const { pending } = place.open
  const entry = entryFor(place, turn)
  const bytes = turn.member ? TRUE_BYTES : FALSE_BYTES
  const { candidates } = pending
  const candidate = candidates.add(-1)
  candidates.time[candidate] = place.nowMs
  candidates.low[candidate] = turn.digest.low
  candidates.high[candidate] = turn.digest.high
  candidates.history[candidate] = 0
  candidates.value[candidate] = pending.arena.add(bytes, 0, bytes.length)
  candidates.length[candidate] = bytes.length
  pending.value[entry] = candidate
  pending.flags[entry] = PENDING_EVENT
}
