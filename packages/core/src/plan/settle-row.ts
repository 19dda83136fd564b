import { DIRTY } from '../fold/encoded.ts'
import { PENDING_EVENT, PENDING_SILENT } from '../fold/pending.ts'
import type { FoldProgram, SegmentProgram } from '../fold/program.ts'
import type { OpenPartition } from '../fold/rows.ts'
import { acceptedEvents } from './settle-events.ts'
import type { AcceptedEvent } from './settle-events.ts'
import { evaluateSegment, hasSeen, MEMBER, NO_MEMBER } from './evaluate-segment.ts'
import type { CountedEvent, SegmentPlace } from './evaluate-segment.ts'

const TRUE_BYTES = new TextEncoder().encode('true')
const FALSE_BYTES = new TextEncoder().encode('false')

/** Events of a row by pending entry, computed once per row. */
export type RowEvents = ReadonlyMap<number, readonly AcceptedEvent[]>

const NO_EVENTS: RowEvents = new Map()

/** The events a row will send, by entry. */
export function eventsOfRow(program: FoldProgram, open: OpenPartition, row: number): RowEvents {
  let events: Map<number, readonly AcceptedEvent[]> | null = null
  const { pending } = open
  for (let entry = pending.head[row]; entry >= 0; entry = pending.next[entry]) {
    if ((pending.flags[entry] & PENDING_EVENT) === 0) continue
    const slot = program.slotByColumn[pending.column[entry]]
    if (slot !== undefined) (events ??= new Map()).set(entry, acceptedEvents(pending, entry, slot))
  }
  return events ?? NO_EVENTS
}

/** The same events as counters see them. */
export function countedEvents(program: FoldProgram, open: OpenPartition, events: RowEvents): readonly CountedEvent[] {
  if (events.size === 0) return []
  const counted: CountedEvent[] = []
  for (const [entry, accepted] of events) {
    const mapping = program.slotByColumn[open.pending.column[entry]]!.mapping.id
    for (const { name, time } of accepted) counted.push({ name, mapping, time })
  }
  return counted
}

/**
 * Brings the row's segment memberships in line with what it now holds, as pending entries.
 *
 * A user who enters gets `true`; one who was a member and leaves gets `false`; one who never was gets nothing.
 */
export function settleSegments(program: FoldProgram, place: SegmentPlace, bornNow: ReadonlySet<string>): void {
  for (const segment of program.segments) {
    if (!hasSeen(segment, place)) continue
    const member = evaluateSegment(segment, place)
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

function settleMembership({ slot, place, member, silent }: MembershipTurn): void {
  const { rows, pending } = place.open
  const at = place.row * rows.layout.stride + slot.offset
  const isMember = rows.words[at] === MEMBER.low && rows.words[at + 1] === MEMBER.high
  if (member === isMember) return
  const digest = member ? MEMBER : NO_MEMBER
  const timeAt = (at + 2) >> 1
  if (silent) pending.touched[place.row] |= DIRTY
  else {
    let entry = pending.find(place.row, slot.column)
    if (entry < 0) entry = pending.add(place.row, slot.column, { low: rows.words[at], high: rows.words[at + 1], time: rows.times[timeAt] })
    const bytes = member ? TRUE_BYTES : FALSE_BYTES
    pending.value[entry] = pending.arena.add(bytes, 0, bytes.length)
    pending.length[entry] = bytes.length
    pending.flags[entry] &= ~PENDING_SILENT
  }
  rows.words[at] = digest.low
  rows.words[at + 1] = digest.high
  rows.times[timeAt] = place.nowMs
}
