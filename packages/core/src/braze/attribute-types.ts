/**
 * The types Braze tells apart among custom attributes. `time` is a text it reads as a date, too;
 * `objects` is an array of them.
 */
export const ATTRIBUTE_TYPES = [
  'boolean',
  'number',
  'string',
  'time',
  'array',
  'objects',
  'object',
] as const

/** What the first value makes of a custom attribute, for good. */
export type AttributeType = (typeof ATTRIBUTE_TYPES)[number]

const QUOTE = 0x22
const ZERO = 0x30
const NINE = 0x39
const MINUS = 0x2d
const LETTER_N = 0x6e
const LETTER_T = 0x74
const LETTER_F = 0x66
const OPEN_ARRAY = 0x5b
const CLOSE_ARRAY = 0x5d
const OPEN_OBJECT = 0x7b

/**
 * The type of a canonical JSON text, by its first two bytes; null for a null, and for an empty
 * array, which says nothing of its elements. Of texts it is `string` whatever they hold.
 */
export function attributeTypeOf(first: number, second: number): AttributeType | null {
  if (first === QUOTE) return 'string'
  if (first === LETTER_T || first === LETTER_F) return 'boolean'
  if (first === MINUS || isDigit(first)) return 'number'
  if (first === OPEN_OBJECT) return 'object'
  if (first === LETTER_N || second === CLOSE_ARRAY) return null
  return first === OPEN_ARRAY && second === OPEN_OBJECT ? 'objects' : 'array'
}

/**
 * Whether a text that begins with this byte may be a date: with a digit, or a weekday.
 *
 * @param length - of the text, UTF-8 bytes
 */
export function mayReadAsDate(byte: number, length: number): boolean {
  if (length < SHORTEST_DATE || length > LONGEST_DATE * BYTES_PER_UNIT) return false
  return isDigit(byte) || (byte >= LETTER_A && byte <= LETTER_Z && length >= SHORTEST_WITH_WEEKDAY)
}

const LETTER_A = 0x41
const LETTER_Z = 0x5a
/** `1/1/2026`, and `Mon 1 1 00:00:00.0 2026`. */
const SHORTEST_DATE = 8
const SHORTEST_WITH_WEEKDAY = 23
const LONGEST_DATE = 40
/** No UTF-16 unit needs more bytes in UTF-8. */
const BYTES_PER_UNIT = 3

function isDigit(byte: number): boolean {
  return byte >= ZERO && byte <= NINE
}

const YEAR_FIRST =
  /^\d{4}-\d{2}-\d{2}(?:[T ]\d{2}:\d{2}(?::\d{2}(?:[.:,]\d{1,9})?)?\s*(?:Z|[A-Za-z]{2,5}|[+-]\d{2}(?::?\d{2})?)?)?$/
const MONTH_FIRST = /^(?:0?[1-9]|1[0-2])([-/])(?:0?[1-9]|[12]\d|3[01])\1\d{4}$/
const WEEKDAY_FIRST = /^[A-Z][a-z]{2} \d{1,2} \d{1,2} \d{2}:\d{2}:\d{2}\.\S+ \d{4}$/

/**
 * Whether Braze reads a text as a date. Its pages list the forms; others are not known to be read.
 *
 * @see https://www.braze.com/docs/api/objects_filters/user_attributes_object/
 */
export function readsAsDate(text: string): boolean {
  return (
    text.length <= LONGEST_DATE &&
    (YEAR_FIRST.test(text) || MONTH_FIRST.test(text) || WEEKDAY_FIRST.test(text))
  )
}

/**
 * Whether Braze takes a value for an attribute of some type: of the same type, or one that it is
 * known to turn into it. What it does not take it drops, and answers success.
 *
 * @param value - its type, and its canonical JSON text
 * @see https://www.braze.com/docs/user_guide/data/activation/custom_data/managing_custom_data/
 */
export function isTakenAs(
  type: AttributeType,
  value: { readonly type: AttributeType; readonly text: string },
): boolean {
  if (value.type === type) return true
  if (type === 'string') return value.type === 'number' || value.type === 'time'
  const text = value.type === 'number' ? value.text : value.text.slice(1, -1)
  const isText = value.type === 'string' || value.type === 'time'
  if (type === 'number') return isText && NUMBER.test(text)
  return type === 'boolean' && (isText || value.type === 'number') && BOOLEAN.test(text)
}

const NUMBER = /^\s*[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?\s*$/i
const BOOLEAN = /^(1|true|t|0|false|f)$/i
