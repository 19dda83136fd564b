import { canonicalText, isJsonObject } from '@engage-sync/contract'
import type { Json, JsonArray, JsonObject } from '@engage-sync/contract'
import { accept } from '../values/encode-result.ts'
import type { EncodeResult } from '../values/encode-result.ts'
import { parseInstant } from '../values/instant.ts'
import { readsAsDate } from './attribute-types.ts'
import { refuse } from './codes.ts'

/**
 * Characters of a string value, an attribute name, an event name, a property name or a nested key:
 * an emoji is one.
 *
 * Braze says "characters" and nothing else, so this is what its words say, not what was seen.
 */
export const MAX_STRING_CHARACTERS = 255
/** Elements of an array attribute; Braze evicts the oldest beyond it. */
export const MAX_ARRAY_ELEMENTS = 500
/** Bytes of an object, an array, or all properties of one event, as JSON. */
export const MAX_OBJECT_BYTES = 100 * 1024
/** Characters of `image_url`. */
export const MAX_IMAGE_URL_CHARACTERS = 1024
/**
 * Bytes of an alias's name, and of its label.
 *
 * @see https://www.braze.com/docs/api/objects_filters/user_alias_object/
 */
export const MAX_ALIAS_BYTES = 236
/** Property names Braze keeps for itself. */
export const RESERVED_PROPERTIES: ReadonlySet<string> = new Set(['time', 'event_name'])

const encoder = new TextEncoder()

/**
 * Characters of a text; one outside the basic plane counts once, though it takes two UTF-16 units.
 */
function characterCount(text: string): number {
  if (text.length <= MAX_STRING_CHARACTERS) return text.length
  let count = 0
  for (const _ of text) count++
  return count
}

/**
 * Reject what Braze would drop in silence: over-long strings and arrays, objects over 100 KB, bad
 * nested keys, times or nulls.
 *
 * Shape: a value in, the same value or a rejection out (`LIMIT_STRING`, `LIMIT_ARRAY`,
 * `LIMIT_OBJECT`, `NESTED_KEY`, `NESTED_NULL`, `NESTED_TIME`, `NESTED_ARRAY`); scalars other than
 * strings and null always pass.
 */
export function checkAttributeLimits(value: Json): EncodeResult {
  if (typeof value === 'string') return checkString(value)
  if (Array.isArray(value)) return checkArray(value)
  if (isJsonObject(value)) return checkObject(value)
  return accept(value)
}

/**
 * The same for a value that replaces another whole: its objects say the same without their null
 * members, which are left out. Where objects are merged they would not: the member that was there
 * would stay.
 */
export function checkReplacingLimits(value: Json): EncodeResult {
  return checkAttributeLimits(hasNullMembers(value) ? withoutNullMembers(value) : value)
}

function hasNullMembers(value: Json): boolean {
  if (typeof value !== 'object' || value === null) return false
  if (!isJsonObject(value)) return value.some(hasNullMembers)
  for (const key of Object.keys(value)) {
    const member = value[key] ?? null
    if (member === null || hasNullMembers(member)) return true
  }
  return false
}

function withoutNullMembers(value: Json): Json {
  if (Array.isArray(value)) return value.map(withoutNullMembers)
  if (!isJsonObject(value)) return value
  const members = Object.entries(value).filter(([, member]) => member !== null)
  return Object.fromEntries(members.map(([key, member]) => [key, withoutNullMembers(member)]))
}

/**
 * Reject what Braze would drop or refuse as an event property: strings over 255 characters, values
 * over 100 KB.
 *
 * Shape: a value in, the same value or a rejection out (`LIMIT_STRING`, `LIMIT_OBJECT`).
 */
export function checkPropertyLimits(value: Json): EncodeResult {
  if (typeof value === 'string') return checkString(value)
  return Array.isArray(value) || isJsonObject(value) ? checkSize(value) : accept(value)
}

/** Bytes of a value as compact JSON in UTF-8. */
function jsonBytes(value: Json): number {
  return encoder.encode(canonicalText(value)).length
}

function checkString(value: string): EncodeResult {
  return tooLong(value) ?? accept(value)
}

function tooLong(value: string): EncodeResult | null {
  const count = characterCount(value)
  if (count <= MAX_STRING_CHARACTERS) return null
  return refuse(
    'LIMIT_STRING',
    `expected at most ${MAX_STRING_CHARACTERS} characters, got ${count}`,
  )
}

function checkArray(value: JsonArray): EncodeResult {
  const holdsObjects = value.some(isJsonObject)
  if (
    !holdsObjects &&
    value.length > MAX_ARRAY_ELEMENTS &&
    new Set(value).size > MAX_ARRAY_ELEMENTS
  ) {
    return refuse(
      'LIMIT_ARRAY',
      `expected at most ${MAX_ARRAY_ELEMENTS} elements, got ${value.length}`,
    )
  }
  return firstRejected(value, 0) ?? checkSize(value)
}

function checkObject(value: JsonObject): EncodeResult {
  return nestedRejection(value, 0) ?? checkSize(value)
}

function checkSize(value: Json): EncodeResult {
  if (mostBytes(value) <= MAX_OBJECT_BYTES) return accept(value)
  const bytes = jsonBytes(value)
  if (bytes <= MAX_OBJECT_BYTES) return accept(value)
  return refuse('LIMIT_OBJECT', `expected at most ${MAX_OBJECT_BYTES} bytes as JSON, got ${bytes}`)
}

/** No UTF-16 unit takes more bytes as JSON: an escape such as `\\u0001`. */
const BYTES_PER_UNIT = 6
/** The longest number, and any other word. */
const WORD_BYTES = 25

/**
 * Bytes a value takes at most as JSON: found without writing it, which is what most values need.
 */
function mostBytes(value: Json): number {
  if (typeof value === 'string') return value.length * BYTES_PER_UNIT + 2
  if (typeof value !== 'object' || value === null) return WORD_BYTES
  let bytes = 2
  if (!isJsonObject(value)) for (const element of value) bytes += mostBytes(element) + 1
  else
    for (const key of Object.keys(value))
      bytes += key.length * BYTES_PER_UNIT + 4 + mostBytes(value[key] ?? null)
  return bytes
}

function nestedRejection(value: Json, depth: number): EncodeResult | null {
  if (value === null)
    return refuse(
      'NESTED_NULL',
      'expected no null inside an array, nor inside an object that is merged',
    )
  if (typeof value === 'string') return tooLong(value)
  if (Array.isArray(value)) {
    if (depth === 0)
      return refuse('NESTED_ARRAY', 'expected scalars or objects inside an array, got an array')
    return firstRejected(value, depth + 1)
  }
  return isJsonObject(value) ? memberRejection(value, depth) : null
}

function memberRejection(value: JsonObject, depth: number): EncodeResult | null {
  const keys = Object.keys(value)
  if (keys.length === 1 && keys[0] === TIME_KEY) return timeRejection(value)
  for (const key of keys) {
    const problem = nestedKeyProblem(key)
    if (problem !== null) return refuse('NESTED_KEY', problem)
  }
  return firstRejected(Object.values(value), depth + 1)
}

const TIME_KEY = '$time'
/** Year, month and day where the year is first, and month, day and year where it is last. */
const DAY = /(\d{4})-(\d{2})-(\d{2})|(\d{1,2})[-/ ](\d{1,2})(?:[-/]| .* )(\d{4})/u

/** A nested time Braze cannot read costs all of the attribute. */
function timeRejection(value: JsonObject): EncodeResult | null {
  const time = value[TIME_KEY]
  if (typeof time === 'string' && readsAsDate(time) && isStorableDay(time)) return null
  return refuse('NESTED_TIME', 'expected a date of the years 0 to 3000 in `$time`')
}

function isStorableDay(date: string): boolean {
  const [, year, month, day, lastMonth = '', lastDay = '', lastYear] = DAY.exec(date) ?? []
  const first = year === undefined ? null : `${year}-${month}-${day}`
  const last = `${lastYear}-${lastMonth.padStart(2, '0')}-${lastDay.padStart(2, '0')}`
  return parseInstant(first ?? last) !== null
}

function firstRejected(values: readonly Json[], depth: number): EncodeResult | null {
  for (const value of values) {
    const rejection = nestedRejection(value, depth)
    if (rejection !== null) return rejection
  }
  return null
}

/**
 * Why a key cannot stand inside a nested object, or null when it can.
 *
 * @see https://www.braze.com/docs/user_guide/data/activation/custom_data/custom_attributes/nested_custom_attribute_support/
 */
export function nestedKeyProblem(key: string): string | null {
  if (key === '') return 'expected a nested key of at least one character, got an empty one'
  if (characterCount(key) > MAX_STRING_CHARACTERS)
    return `expected a nested key of at most ${MAX_STRING_CHARACTERS} characters`
  return /[\s.$]/u.test(key) ? 'expected a nested key without spaces, "." and "$"' : null
}

/**
 * Why a name cannot be an attribute, event or property name, or null when it can.
 *
 * Shape: the trimmed name in; length 1 to 255 characters, no leading `$`.
 */
export function nameProblem(name: string): string | null {
  if (name === '') return 'a name needs at least one character'
  if (name.startsWith('$')) return 'a name cannot begin with "$"'
  const count = characterCount(name)
  return count > MAX_STRING_CHARACTERS
    ? `a name has at most ${MAX_STRING_CHARACTERS} characters, this one has ${count}`
    : null
}
