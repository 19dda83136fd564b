import type { RowWords } from './row-words.ts'

const MS_PER_DAY = 86_400_000
/** Today and thirty days before: the widest window Braze knows, exact. */
const BUCKETS = 31
const WORDS_BEFORE_BUCKETS = 2

/** The UTC day of an instant, counted from the epoch. */
export function dayOf(ms: number): number {
  return Math.floor(ms / MS_PER_DAY)
}

/** First instant of the UTC day after this one, milliseconds. */
export function nextMidnight(ms: number): number {
  return (dayOf(ms) + 1) * MS_PER_DAY
}

/**
 * Counts one event in a row's daily buckets.
 *
 * Shape of the column: the newest day counted, a spare word, then 31 bytes; byte n counts n days
 * before that day and stays at 255, far above the 50 Braze's filters can ask for.
 */
export function addDayCount(rows: RowWords, at: number, timeMs: number): void {
  const day = dayOf(timeMs)
  const buckets = bucketsOf(rows, at)
  const newest = rows.words[at]
  if (day > newest) {
    const shift = newest === 0 ? BUCKETS : Math.min(BUCKETS, day - newest)
    buckets.copyWithin(shift, 0, BUCKETS - shift)
    buckets.fill(0, 0, shift)
    rows.words[at] = day
  }
  const age = rows.words[at] - day
  if (age < BUCKETS && buckets[age] < 255) buckets[age]++
}

/**
 * Events of the last `days` whole UTC days and of today. Those dated after today count as today.
 */
export function countDays(
  rows: RowWords,
  at: number,
  window: { readonly days: number; readonly nowMs: number },
): number {
  const newest = rows.words[at]
  if (newest === 0) return 0
  const buckets = bucketsOf(rows, at)
  const oldestAge = newest - (dayOf(window.nowMs) - window.days)
  let sum = 0
  for (let age = 0; age <= oldestAge && age < BUCKETS; age++) sum += buckets[age]
  return sum
}

function bucketsOf(rows: RowWords, at: number): Uint8Array {
  return new Uint8Array(
    rows.words.buffer,
    rows.words.byteOffset + (at + WORDS_BEFORE_BUCKETS) * 4,
    BUCKETS,
  )
}
