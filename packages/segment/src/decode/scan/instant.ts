const ZERO = 0x30
const MINUS = 0x2d
const COLON = 0x3a
const DOT = 0x2e
const T = 0x54
const Z = 0x5a
/** `YYYY-MM-DDTHH:MM:SS`. */
const SECONDS_LENGTH = 19
const MAX_FRACTION = 9
const DAY_MS = 86_400_000

/** What `read` gives for a text it does not know; others may. */
export const NO_INSTANT = Number.NaN

/**
 * Reads `YYYY-MM-DDTHH:MM:SSZ`, with up to nine digits of a second, straight from bytes.
 *
 * Shape: milliseconds since the epoch, finer digits cut; `NO_INSTANT` for any other form. Days come
 * in runs, so the last one is kept.
 */
export class InstantReader {
  #day = -1
  #dayMs = 0

  read(bytes: Uint8Array, start: number, end: number): number {
    if (end - start <= SECONDS_LENGTH || bytes[end - 1] !== Z || !hasShape(bytes, start))
      return NO_INSTANT
    const year = two(bytes, start) * 100 + two(bytes, start + 2)
    const dayMs = this.#dayStart(year, two(bytes, start + 5), two(bytes, start + 8))
    const hour = two(bytes, start + 11)
    const minute = two(bytes, start + 14)
    const second = two(bytes, start + 17)
    // A part that is no number made its sum NaN, and a comparison with NaN is false.
    if (!(hour <= 23 && minute <= 59 && second <= 59)) return NO_INSTANT
    return (
      dayMs +
      ((hour * 60 + minute) * 60 + second) * 1000 +
      milliseconds(bytes, start + SECONDS_LENGTH, end - 1)
    )
  }

  #dayStart(year: number, month: number, day: number): number {
    const key = year * 10_000 + month * 100 + day
    if (key === this.#day) return this.#dayMs
    const isDay = month >= 1 && month <= 12 && day >= 1 && day <= daysIn(year, month)
    if (!isDay) return NO_INSTANT
    this.#day = key
    this.#dayMs = daysBefore(year, month, day) * DAY_MS
    return this.#dayMs
  }
}

function hasShape(bytes: Uint8Array, start: number): boolean {
  return (
    bytes[start + 4] === MINUS &&
    bytes[start + 7] === MINUS &&
    bytes[start + 10] === T &&
    bytes[start + 13] === COLON &&
    bytes[start + 16] === COLON
  )
}

/** A number of two digits, or NaN. */
function two(bytes: Uint8Array, at: number): number {
  const tens = bytes[at] - ZERO
  const ones = bytes[at + 1] - ZERO
  return tens >= 0 && tens <= 9 && ones >= 0 && ones <= 9 ? tens * 10 + ones : NO_INSTANT
}

/** Milliseconds of what stands between the seconds and the `Z`; nothing is 0. */
function milliseconds(bytes: Uint8Array, start: number, end: number): number {
  if (start === end) return 0
  const digits = end - start - 1
  if (bytes[start] !== DOT || digits < 1 || digits > MAX_FRACTION) return NO_INSTANT
  let millis = 0
  for (let index = 0; index < digits; index++) {
    const digit = bytes[start + 1 + index] - ZERO
    if (!(digit >= 0 && digit <= 9)) return NO_INSTANT
    if (index < 3) millis = millis * 10 + digit
  }
  if (digits === 1) return millis * 100
  return digits === 2 ? millis * 10 : millis
}

function daysIn(year: number, month: number): number {
  if (month === 2) return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0) ? 29 : 28
  return month === 4 || month === 6 || month === 9 || month === 11 ? 30 : 31
}

function daysBefore(year: number, month: number, day: number): number {
  return new Date(0).setUTCFullYear(year, month - 1, day) / DAY_MS
}
