/** Every code with which a cast refuses a value, and what it means. */
export const CAST_CODES = {
  CAST_STRING: 'A value that cannot be a text, such as a list; declare its `type:`.',
  CAST_NUMBER:
    'A value that is no number, or one that would lose digits, be it inside a list or an object; `type: string` keeps the digits.',
  CAST_INTEGER: 'A value that is no whole number below 2^53.',
  CAST_BOOLEAN: 'A value that is neither true nor false.',
  CAST_TIME:
    'A value that is neither ISO 8601 text nor seconds or milliseconds since the epoch, or a year Braze keeps as text.',
  CAST_ARRAY: 'A value that is no list, nor JSON text of one.',
  CAST_OBJECT: 'A value that is no object, nor JSON text of one.',
} as const

/** A code with which a cast refuses a value. */
export type CastCode = keyof typeof CAST_CODES
