import { isJsonObject, parseSource, placeOfExact } from '@engage-sync/contract'
import type { Json, SourceJson } from '@engage-sync/contract'
import { accept, reject } from './encode-result.ts'
import type { EncodeResult } from './encode-result.ts'
import { instantText, isStorableInstant, parseInstant } from './instant.ts'
import { jsonTypeOf, typeInWords } from './json-type.ts'
import type { ValueType } from './value-type.ts'

/** Converts a source value to one type, or says why it cannot. */
export type Cast = (value: Json) => EncodeResult

const CASTS: Readonly<Record<ValueType, Cast>> = {
  string: castString,
  number: castNumber,
  integer: castInteger,
  boolean: castBoolean,
  time: castTime,
  array: castArray,
  object: castObject,
}

const TRUE_WORDS = new Set(['true', 't', '1'])
const FALSE_WORDS = new Set(['false', 'f', '0'])
const NUMBER_TEXT = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?$/u
/** Seconds or milliseconds since the epoch, of years 1973 to 5138: 9 to 11 digits, or 12 to 14. */
const EPOCH_TEXT = /^\d{9,14}(?:\.\d+)?$/u
/**
 * Larger numbers are milliseconds: as seconds they are beyond the year 5138, as milliseconds behind
 * March 1973.
 */
const MOST_SECONDS = 1e11

/**
 * The lossless conversion to a type: what would lose or invent something is rejected instead.
 *
 * Shape: a function from any JSON value to the converted value or a rejection `CAST_<TYPE>`; null
 * passes. Converting twice is converting once.
 *
 * - `string`: numbers and booleans as JSON text
 * - `number`, `integer`: text that JSON would read as that number without losing digits; no leading
 *   zeros
 * - `boolean`: `true t 1` and `false f 0` in any case, and the numbers 1 and 0, as Braze accepts
 *   them
 * - `time`: ISO 8601 text, or seconds or milliseconds since the epoch; out comes ISO with
 *   milliseconds and `Z`
 * - `array`, `object`: JSON text of that kind, too, which is all that SQL traits can carry
 *
 * @see https://www.braze.com/docs/user_guide/data/activation/custom_data/managing_custom_data/ (boolean forms)
 */
export function castTo(type: ValueType): Cast {
  const cast = CASTS[type]
  return (value) => (value === null ? accept(null) : cast(value))
}

/** The JSON types whose own text is already what the cast gives. */
export function plainTypesOf(
  type: ValueType | null,
): ReadonlySet<'string' | 'number' | 'boolean' | 'array' | 'object'> {
  if (type === null) return new Set(['string', 'number', 'boolean', 'array', 'object'])
  if (type === 'time') return new Set()
  return new Set([type === 'integer' ? 'number' : type])
}

function expected(what: string, value: Json): string {
  return `expected ${what}, got ${describe(value)}`
}

function describe(value: Json): string {
  const type = jsonTypeOf(value)
  if (type === 'string') return value === '' ? 'an empty string' : 'a string that is none'
  return typeInWords(value)
}

function castString(value: Json): EncodeResult {
  if (typeof value === 'string') return accept(value)
  if (typeof value === 'number' || typeof value === 'boolean') return accept(JSON.stringify(value))
  return reject(
    'CAST_STRING',
    `${expected('a string', value)}${Array.isArray(value) ? '; declare `type: array`' : ''}`,
  )
}

function castNumber(value: Json): EncodeResult {
  const number = readNumber(value)
  if (typeof number === 'number') return accept(number)
  return reject('CAST_NUMBER', number ?? expected('a number', value))
}

function castInteger(value: Json): EncodeResult {
  const number = readNumber(value)
  if (typeof number !== 'number')
    return reject('CAST_INTEGER', number ?? expected('a whole number', value))
  if (!Number.isInteger(number))
    return reject('CAST_INTEGER', 'expected a whole number, got one with a fraction')
  if (!Number.isSafeInteger(number))
    return reject('CAST_INTEGER', 'expected a whole number below 2^53, got a larger one')
  return accept(number)
}

/** The number, a message for text that would lose digits, or null for what is no number. */
function readNumber(value: Json): number | string | null {
  if (typeof value === 'number') return Number.isFinite(value) ? withoutNegativeZero(value) : null
  if (typeof value !== 'string') return null
  const text = value.trim()
  if (!NUMBER_TEXT.test(text))
    return /^-?0\d/u.test(text)
      ? 'expected a number, got digits with leading zeros, which it would lose'
      : null
  const number = Number(text)
  if (!Number.isFinite(number)) return 'expected a number, got one beyond the range of a double'
  if (!isSameDecimal(text, number))
    return 'expected a number that a double holds, got one that would lose digits; declare `type: string` to keep them'
  return withoutNegativeZero(number)
}

function withoutNegativeZero(value: number): number {
  return value === 0 ? 0 : value
}

/** Whether the shortest text of the double still has all significant digits that were written. */
function isSameDecimal(text: string, number: number): boolean {
  const written = decimal(text)
  if (written.digits.length <= 15 && number !== 0) return true
  const kept = decimal(String(number))
  return (
    written.digits === kept.digits && (written.digits === '' || written.exponent === kept.exponent)
  )
}

/** Significant digits without zeros at either end, and the power of ten of the last one. */
function decimal(text: string): { digits: string; exponent: number } {
  const [mantissa = '', power = '0'] = text.toLowerCase().replace(/^-/u, '').split('e')
  const [whole = '', fraction = ''] = mantissa.split('.')
  const all = `${whole}${fraction}`
  const trimmed = all.replace(/0+$/u, '')
  return {
    digits: trimmed.replace(/^0+/u, ''),
    exponent: Number(power) - fraction.length + (all.length - trimmed.length),
  }
}

function castBoolean(value: Json): EncodeResult {
  if (typeof value === 'boolean') return accept(value)
  const word =
    typeof value === 'string' || typeof value === 'number' ? String(value).trim().toLowerCase() : ''
  if (TRUE_WORDS.has(word)) return accept(true)
  if (FALSE_WORDS.has(word)) return accept(false)
  return reject('CAST_BOOLEAN', expected('true or false', value))
}

function castTime(value: Json): EncodeResult {
  const instant = readInstant(value)
  if (instant !== null) return accept(instantText(instant))
  return reject(
    'CAST_TIME',
    expected('ISO 8601 text, or seconds or milliseconds since the epoch', value),
  )
}

function castArray(value: Json): EncodeResult {
  const array = fromText(value, '[')
  const place = array === value ? null : placeOfExact(array)
  if (place !== null) return losesDigits(place)
  return Array.isArray(array)
    ? accept(array as Json)
    : reject('CAST_ARRAY', expectedJson('an array', value))
}

function castObject(value: Json): EncodeResult {
  const object = fromText(value, '{')
  const place = object === value ? null : placeOfExact(object)
  if (place !== null) return losesDigits(place)
  return isJsonObject(object)
    ? accept(object)
    : reject('CAST_OBJECT', expectedJson('an object', value))
}

/** What JSON text that begins so says; anything else as it is. */
function fromText(value: Json, start: '[' | '{'): SourceJson {
  if (typeof value !== 'string' || !value.trimStart().startsWith(start)) return value
  try {
    return parseSource(value)
  } catch {
    return value
  }
}

/**
 * The rejection of a value that is, or holds, a number no double holds.
 *
 * @param place - the path to the number; empty for the value itself
 */
export function losesDigits(place: readonly string[]): EncodeResult {
  const got =
    place.length === 0
      ? 'one that would lose digits; declare `type: string` to keep them'
      : `one at \`${place.join('.')}\` that would lose digits; send it as text`
  return reject('CAST_NUMBER', `expected a number that a double holds, got ${got}`)
}

function expectedJson(what: string, value: Json): string {
  return `expected ${what}${typeof value === 'string' ? ' or JSON text of one' : ''}, got ${typeInWords(value)}`
}

/**
 * The instant a value stands for, or null.
 *
 * Shape: ISO 8601 text, seconds or milliseconds since the epoch as a number or as 9 to 14 digits
 * in; milliseconds since the epoch out.
 */
export function readInstant(value: Json): number | null {
  if (typeof value === 'number') return fromEpoch(value)
  if (typeof value !== 'string') return null
  const text = value.trim()
  return EPOCH_TEXT.test(text) ? fromEpoch(Number(text)) : parseInstant(text)
}

function fromEpoch(number: number): number | null {
  const instant = Math.round(Math.abs(number) > MOST_SECONDS ? number : number * 1000)
  return Number.isFinite(instant) && isStorableInstant(instant) ? instant : null
}
