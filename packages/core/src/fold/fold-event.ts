import { CHANGED, DUPLICATE, SKIPPED, STALE, UNCHANGED } from './classes.ts'
import { digestFor, encodeFor, isLarger, renew, setSlot } from './encoded.ts'
import type { FoldCursor } from './fold-cursor.ts'
import type { SlotProgram } from './program.ts'

/** Instead of a class bit: the value goes on being folded. */
const OPEN = 0

/**
 * Folds a value into an event slot; returns its class bit.
 *
 * Events are sent per accepted change in event-time order, so every value newer than what was
 * delivered is kept as a candidate until the plan puts them in order, whatever order they came in.
 * Of history, values older than the mapping's birth, only the newest is kept.
 */
export function foldEvent(slot: SlotProgram, cursor: FoldCursor, at: number): number {
  const entry = cursor.open.pending.find(cursor.row, slot.column)
  if (cursor.time < deliveredTime(cursor, at, entry)) return STALE
  if (!digestFor(slot, cursor)) return cursor.refusal
  const isHistory = cursor.time < slot.bornAt
  const known =
    againstDelivered(cursor, at, entry) || (isHistory ? againstHistory(cursor, at, entry) : OPEN)
  if (known !== OPEN) return known
  if (!encodeFor(slot, cursor)) return cursor.refusal
  const isNewest = isNewestAt(cursor, at)
  const isSame = isSameAt(cursor, at)
  addCandidate(slot, cursor, isHistory)
  if (isNewest) setSlot(cursor, at)
  if (isHistory && !slot.backfill) return SKIPPED
  return isSame && isNewest ? UNCHANGED : CHANGED
}

function deliveredTime({ open: { rows, pending } }: FoldCursor, at: number, entry: number): number {
  return entry < 0 ? rows.times[(at + 2) >> 1] : pending.beforeTime[entry]
}

/** The class of what is as new as what was delivered, or is that very value. */
function againstDelivered(cursor: FoldCursor, at: number, entry: number): number {
  const known = cursor.open.rows.times[(at + 2) >> 1]
  if (cursor.time === known && isSameAt(cursor, at)) return DUPLICATE
  return cursor.time === deliveredTime(cursor, at, entry) && !beatsDelivered(cursor, at, entry)
    ? STALE
    : OPEN
}

function beatsDelivered(cursor: FoldCursor, at: number, entry: number): boolean {
  const { rows, pending } = cursor.open
  return entry < 0
    ? isLarger(cursor, rows.words[at], rows.words[at + 1])
    : isLarger(cursor, pending.beforeLow[entry], pending.beforeHigh[entry])
}

/** The class of history that is overtaken by other history, or says what was delivered. */
function againstHistory(cursor: FoldCursor, at: number, entry: number): number {
  if (entry < 0) return isSameAt(cursor, at) ? renew(cursor, at, UNCHANGED) : OPEN
  return isNewestAt(cursor, at) || beatsHistory(cursor, entry) ? OPEN : STALE
}

/** Whether the slot holds the cursor's value. */
function isSameAt({ open: { rows }, encoded }: FoldCursor, at: number): boolean {
  return rows.words[at] === encoded.low && rows.words[at + 1] === encoded.high
}

/**
 * Whether the cursor's value is newer than the one the slot holds, or as new with the larger
 * digest.
 */
function isNewestAt(cursor: FoldCursor, at: number): boolean {
  const { words, times } = cursor.open.rows
  const known = times[(at + 2) >> 1]
  return (
    cursor.time > known || (cursor.time === known && isLarger(cursor, words[at], words[at + 1]))
  )
}

/** Whether the value is newer than the history kept so far (or none is kept). */
function beatsHistory(cursor: FoldCursor, entry: number): boolean {
  const { pending } = cursor.open
  const kept = historyOf(cursor, entry)
  if (kept < 0) return true
  const { time, low, high } = pending.candidates
  return (
    cursor.time > time[kept] ||
    (cursor.time === time[kept] && isLarger(cursor, low[kept], high[kept]))
  )
}

function historyOf(cursor: FoldCursor, entry: number): number {
  const { candidates, value } = cursor.open.pending
  for (let candidate = value[entry]; candidate >= 0; candidate = candidates.next[candidate]) {
    if (candidates.history[candidate] === 1) return candidate
  }
  return -1
}

function addCandidate(slot: SlotProgram, cursor: FoldCursor, isHistory: boolean): void {
  const { pending } = cursor.open
  const { candidates } = pending
  const { encoded } = cursor
  const entry = cursor.open.eventEntryFor(cursor.row, slot.column)
  let candidate = isHistory ? historyOf(cursor, entry) : -1
  if (candidate >= 0) cursor.superseded++
  else {
    candidate = candidates.add(pending.value[entry])
    pending.value[entry] = candidate
  }
  candidates.time[candidate] = cursor.time
  candidates.low[candidate] = encoded.low
  candidates.high[candidate] = encoded.high
  candidates.history[candidate] = isHistory ? 1 : 0
  candidates.value[candidate] = pending.arena.add(encoded.bytes, encoded.from, encoded.to)
  candidates.length[candidate] = encoded.to - encoded.from
}
