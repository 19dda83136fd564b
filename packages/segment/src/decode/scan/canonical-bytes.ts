import {
  BACKSLASH,
  CLOSE_BRACE,
  CLOSE_BRACKET,
  COMMA,
  OPEN_BRACE,
  OPEN_BRACKET,
  QUOTE,
} from './json-scanner.ts'

const MINUS = 0x2d
const DOT = 0x2e
const ZERO = 0x30
const NINE = 0x39
/**
 * A double holds every decimal of 15 digits apart, so such a number prints with the digits it was
 * written with.
 */
const SAFE_DIGITS = 15
/** Below 0.000001 numbers print with an exponent. */
const MAX_LEADING_ZEROS = 5
/** Escapes `JSON.stringify` writes itself: `\" \\ \b \f \n \r \t`. */
const CANONICAL_ESCAPES = new Set([0x22, 0x5c, 0x62, 0x66, 0x6e, 0x72, 0x74])

/**
 * Whether valid JSON is already its canonical text, so that its bytes can stand for it.
 *
 * Shape: compact, members sorted, numbers and strings as `JSON.stringify` writes them. False when
 * in doubt: numbers with an exponent or many digits, `\u` escapes, keys that are not plain ASCII.
 */
export function isCanonical(bytes: Uint8Array, start: number, end: number): boolean {
  return canonicalEnd(bytes, start) === end
}

/** Where a canonical value ends, or -1. */
function canonicalEnd(bytes: Uint8Array, at: number): number {
  const byte = bytes[at]
  if (byte === QUOTE) return stringEnd(bytes, at + 1)
  if (byte === OPEN_BRACE) return objectEnd(bytes, at + 1)
  if (byte === OPEN_BRACKET) return arrayEnd(bytes, at + 1)
  if (byte === MINUS || (byte >= ZERO && byte <= NINE)) return numberEnd(bytes, at)
  if (byte === 0x66) return at + 5
  return byte === 0x74 || byte === 0x6e ? at + 4 : -1
}

function stringEnd(bytes: Uint8Array, from: number): number {
  let at = from
  while (bytes[at] !== QUOTE) {
    if (bytes[at] === BACKSLASH && !CANONICAL_ESCAPES.has(bytes[++at])) return -1
    at++
  }
  return at + 1
}

function numberEnd(bytes: Uint8Array, start: number): number {
  const isNegative = bytes[start] === MINUS
  const first = isNegative ? start + 1 : start
  const whole = digitsEnd(bytes, first)
  const end = bytes[whole] === DOT ? digitsEnd(bytes, whole + 1) : whole
  const hasExponent = (bytes[end] | 0x20) === 0x65
  const digits = end - first - (end > whole ? 1 : 0)
  if (hasExponent || digits > SAFE_DIGITS) return -1
  const isZero = bytes[first] === ZERO
  if (end === whole) return isNegative && isZero ? -1 : end
  if (bytes[end - 1] === ZERO) return -1
  return isZero && leadingZeros(bytes, whole + 1) > MAX_LEADING_ZEROS ? -1 : end
}

function digitsEnd(bytes: Uint8Array, from: number): number {
  let at = from
  while (bytes[at] >= ZERO && bytes[at] <= NINE) at++
  return at
}

function leadingZeros(bytes: Uint8Array, from: number): number {
  let at = from
  while (bytes[at] === ZERO) at++
  return at - from
}

function arrayEnd(bytes: Uint8Array, from: number): number {
  if (bytes[from] === CLOSE_BRACKET) return from + 1
  let at = from
  for (;;) {
    at = canonicalEnd(bytes, at)
    if (at < 0) return -1
    if (bytes[at] === CLOSE_BRACKET) return at + 1
    if (bytes[at] !== COMMA) return -1
    at++
  }
}

function objectEnd(bytes: Uint8Array, from: number): number {
  if (bytes[from] === CLOSE_BRACE) return from + 1
  let before = -1
  let at = from
  for (;;) {
    if (bytes[at] !== QUOTE) return -1
    const colon = plainKeyEnd(bytes, at + 1)
    if (colon < 0 || bytes[colon] !== 0x3a || (before >= 0 && !isBefore(bytes, before, at + 1)))
      return -1
    before = at + 1
    at = canonicalEnd(bytes, colon + 1)
    if (at < 0) return -1
    if (bytes[at] === CLOSE_BRACE) return at + 1
    if (bytes[at] !== COMMA) return -1
    at++
  }
}

/** Keys of plain ASCII sort the same as bytes and as code units. */
function plainKeyEnd(bytes: Uint8Array, from: number): number {
  let at = from
  while (bytes[at] !== QUOTE) {
    if (bytes[at] === BACKSLASH || bytes[at] >= 0x80) return -1
    at++
  }
  return at + 1
}

/** Whether one key (up to its quote) sorts before another; equal ones do not. */
function isBefore(bytes: Uint8Array, left: number, right: number): boolean {
  let at = 0
  while (bytes[left + at] === bytes[right + at]) {
    if (bytes[left + at] === QUOTE) return false
    at++
  }
  if (bytes[left + at] === QUOTE) return true
  return bytes[right + at] !== QUOTE && bytes[left + at] < bytes[right + at]
}
