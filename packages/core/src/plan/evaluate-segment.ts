import { readInstant, readLeaf } from '../fold/fold-operand.ts'
import type { CounterProgram, SegmentProgram } from '../fold/program.ts'
import { dayOf, nextMidnight } from '../rows/day-counts.ts'
import type { OpenPartition } from '../rows/pending/open-partition.ts'

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

/** Whether the row's user belongs to the segment now. */
export function evaluateSegment(program: SegmentProgram, place: SegmentPlace): boolean {
  return program.segment.filter.evaluate((index) => readSegmentLeaf(program, index, place))
}

/**
 * Whether one condition of a segment holds for the row's user now. @param index - of the filter's
 * leaf
 */
export function readSegmentLeaf(
  program: SegmentProgram,
  index: number,
  place: SegmentPlace,
): boolean {
  const read = program.leaves[index]
  if (read === undefined) return false
  if (read.counter === null) return readLeaf(read, place)
  return read.leaf.test(countEvents(read.counter, place, read.leaf.withinDays))
}

/**
 * What a condition of a segment counts or compares with the clock; null for one of another kind.
 *
 * @param index - of the filter's leaf
 */
export function readSegmentNumber(
  program: SegmentProgram,
  index: number,
  place: SegmentPlace,
): { readonly count: number } | { readonly instantMs: number } | null {
  const read = program.leaves[index]
  if (read === undefined) return null
  if (read.counter !== null)
    return { count: countEvents(read.counter, place, read.leaf.withinDays) }
  if (read.leaf.type !== 'time') return null
  const instantMs = readInstant(read, place)
  return instantMs === 0 ? null : { instantMs }
}

/** Delivered events and those of this run. */
function countEvents(
  counter: CounterProgram,
  place: SegmentPlace,
  withinDays: number | null,
): number {
  const { counts } = place.open.rows
  const { row, nowMs } = place
  let count =
    withinDays === null
      ? counts.total(row, counter.column)
      : counts.lately(row, counter.column, { days: withinDays, nowMs })
  const oldestDay = withinDays === null ? -Infinity : dayOf(place.nowMs) - withinDays
  for (const event of place.events) {
    if (countsFor(counter, event) && dayOf(event.time) >= oldestDay) count++
  }
  return count
}

/** Whether a counter counts this event. */
export function countsFor(counter: CounterProgram, event: CountedEvent): boolean {
  return (
    counter.name === event.name &&
    (counter.mappings === null || counter.mappings.has(event.mapping))
  )
}

/**
 * When the segment's verdict for this row may change without any event, milliseconds; Infinity when
 * it cannot.
 */
export function nextDue(program: SegmentProgram, place: SegmentPlace): number {
  let due = Infinity
  for (const each of program.leaves) due = Math.min(due, nextDueOfLeaf(each, place))
  return due
}

function nextDueOfLeaf(program: SegmentProgram['leaves'][number], place: SegmentPlace): number {
  if (program.counter !== null) {
    const { counter, leaf } = program
    return leaf.withinDays === null ? Infinity : nextDecay(counter, place, leaf.withinDays)
  }
  if (program.leaf.type !== 'time') return Infinity
  const instant = readInstant(program, place)
  return instant === 0 ? Infinity : program.leaf.nextChange(instant, place.nowMs)
}

function nextDecay(
  counter: CounterProgram,
  { open, row, nowMs }: SegmentPlace,
  days: number,
): number {
  return open.rows.counts.lately(row, counter.column, { days, nowMs }) === 0
    ? Infinity
    : nextMidnight(nowMs)
}
