import { CHANGED, DUPLICATE, REJECTED, SKIPPED, STALE, UNCHANGED } from './classes.ts'
import type { FoldCursor } from './fold-cursor.ts'
import { encoded, encodeFor, isLarger, renew, setSlot } from './encoded.ts'
import { PENDING_EVENT } from './pending.ts'
import type { SlotProgram } from './program.ts'

/**
 * Folds a value into an event slot; returns its class bit.
 *
 * Events are sent per accepted change in event-time order, so every value newer than what was delivered is kept as a
 * candidate until the plan puts them in order, whatever order they came in. Of history, values older than the
 * mapping's birth, only the newest is kept.
 */
export function foldEvent(slot: SlotProgram, cursor: FoldCursor, at: number): number {
  const { rows, pending } = cursor.open
  const { words, times } = rows
  const known = times[(at + 2) >> 1]
  const entry = pending.find(cursor.row, slot.column)
  const delivered = entry < 0 ? known : pending.beforeTime[entry]
  if (cursor.time < delivered) return STALE
  const same = words[at] === encoded.low && words[at + 1] === encoded.high
  if (cursor.time === known && same) return DUPLICATE
  if (cursor.time === delivered && !beatsDelivered(cursor, at, entry)) return STALE
  const isNewest = cursor.time > known || (cursor.time === known && isLarger(words[at], words[at + 1]))
  const isHistory = cursor.time < slot.bornAt
  if (isHistory && !isNewest && entry >= 0 && !beatsHistory(cursor, entry)) return STALE
  if (isHistory && same && entry < 0) return renew(cursor, at, UNCHANGED)
  if (!encodeFor(slot, cursor)) return REJECTED
  addCandidate(slot, cursor, { at, entry, isHistory })
  if (isNewest) setSlot(cursor, at)
  if (isHistory && !slot.backfill) return SKIPPED
  return same && isNewest ? UNCHANGED : CHANGED
}

function beatsDelivered(cursor: FoldCursor, at: number, entry: number): boolean {
  const { rows, pending } = cursor.open
  return entry < 0 ? isLarger(rows.words[at], rows.words[at + 1]) : isLarger(pending.beforeLow[entry], pending.beforeHigh[entry])
}

/** Whether the value is newer than the history kept so far (or none is kept). */
function beatsHistory(cursor: FoldCursor, entry: number): boolean {
  const { pending } = cursor.open
  const kept = historyOf(cursor, entry)
  if (kept < 0) return true
  const { time, low, high } = pending.candidates
  return cursor.time > time[kept] || (cursor.time === time[kept] && isLarger(low[kept], high[kept]))
}

function historyOf(cursor: FoldCursor, entry: number): number {
  const { candidates, value } = cursor.open.pending
  for (let candidate = value[entry]; candidate >= 0; candidate = candidates.next[candidate]) {
    if (candidates.history[candidate] === 1) return candidate
  }
  return -1
}

function addCandidate(slot: SlotProgram, cursor: FoldCursor, place: { at: number; entry: number; isHistory: boolean }): void {
  const { rows, pending } = cursor.open
  const { words, times } = rows
  const { at, isHistory } = place
  let { entry } = place
  if (entry < 0) {
    entry = pending.add(cursor.row, slot.column, { low: words[at], high: words[at + 1], time: times[(at + 2) >> 1] })
    pending.flags[entry] = PENDING_EVENT
  }
  const { candidates } = pending
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
