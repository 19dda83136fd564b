import { hashText } from '../fold/fold-cursor.ts'
import { readLeaf } from '../fold/fold-operand.ts'
import { GONE, SEEN } from '../fold/program.ts'
import type { CounterProgram, SegmentProgram } from '../fold/program.ts'
import type { OpenPartition } from '../fold/rows.ts'
import { hashOut } from '../rows/hash.ts'
import { countDays, dayOf } from './day-counts.ts'

/** An event about to be sent to a row's user, as counters see it. */
export interface CountedEvent {
  readonly name: string
  readonly mapping: string
  readonly time: number
}

/** The place a segment is evaluated at. Reused from row to row. */
export interface SegmentPlace {
  open: OpenPartition
  row: number
  nowMs: number
  /** Events of this run for the row. */
  events: readonly CountedEvent[]
}

/** Digests of the texts `true` and `false`, as membership slots hold them. */
export const MEMBER = digestOf('true')
export const NO_MEMBER = digestOf('false')
/** Digest of `null`: there is no value at the destination. */
export const NO_VALUE = digestOf('null')

function digestOf(text: string): { readonly low: number; readonly high: number } {
  hashText(text)
  return { low: hashOut[0], high: hashOut[1] }
}

/** Whether a sync has seen this user, who is not gone since; its segments range over those only. */
export function hasSeen(program: SegmentProgram, place: SegmentPlace): boolean {
  return seenOf(program, place) === SEEN
}

/** Whether the source of a sync has the user no more. */
export function isGone(program: SegmentProgram, place: SegmentPlace): boolean {
  return seenOf(program, place) === GONE
}

function seenOf({ seenOffset }: SegmentProgram, { open: { rows }, row }: SegmentPlace): number {
  return rows.words[row * rows.layout.stride + seenOffset]
}

/** Whether the row's user belongs to the segment now. */
export function evaluateSegment(program: SegmentProgram, place: SegmentPlace): boolean {
  return program.segment.filter.evaluate((index) => readSegmentLeaf(program, index, place))
}

/** Whether one condition of a segment holds for the row's user now. @param index - of the filter's leaf */
export function readSegmentLeaf(program: SegmentProgram, index: number, place: SegmentPlace): boolean {
  const leaf = program.leaves[index]
  if (leaf !== null) return readLeaf(leaf, place)
  const definition = program.segment.filter.leaves[index]
  return definition.type === 'event' && definition.test(countEvents(program.counters[index]!, place, definition.withinDays))
}

/** Delivered events and those of this run. */
function countEvents(counter: CounterProgram, place: SegmentPlace, withinDays: number | null): number {
  const { rows } = place.open
  const at = place.row * rows.layout.stride + counter.offset
  let count = withinDays === null ? rows.words[at] : countDays(rows, at, { days: withinDays, nowMs: place.nowMs })
  const oldestDay = withinDays === null ? -Infinity : dayOf(place.nowMs) - withinDays
  for (const event of place.events) {
    if (countsFor(counter, event) && dayOf(event.time) >= oldestDay) count++
  }
  return count
}

/** Whether a counter counts this event. */
export function countsFor(counter: CounterProgram, event: CountedEvent): boolean {
  return counter.name === event.name && (counter.mappings === null || counter.mappings.has(event.mapping))
}

/** When the segment's verdict for this row may change without any event, milliseconds; Infinity when it cannot. */
export function nextDue(program: SegmentProgram, place: SegmentPlace): number {
  const { rows } = place.open
  let due = Infinity
  program.segment.filter.leaves.forEach((leaf, index) => {
    if (leaf.type === 'time') {
      const instant = rows.times[(place.row * rows.layout.stride + program.leaves[index]!.offset) >> 1]
      if (instant !== 0) due = Math.min(due, leaf.nextChange(instant, place.nowMs))
    } else if (leaf.type === 'event' && leaf.withinDays !== null)
      due = Math.min(due, nextDecay(program.counters[index]!, place, leaf.withinDays))
  })
  return due
}

function nextDecay(counter: CounterProgram, place: SegmentPlace, withinDays: number): number {
  const { rows } = place.open
  const at = place.row * rows.layout.stride + counter.offset
  if (countDays(rows, at, { days: withinDays, nowMs: place.nowMs }) === 0) return Infinity
  return (dayOf(place.nowMs) + 1) * 86_400_000
}
