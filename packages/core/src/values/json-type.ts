/** The JSON types of values. */
export type JsonType = 'null' | 'boolean' | 'number' | 'string' | 'array' | 'object'

/** The JSON type of a value; what is not there counts as null. */
export function jsonTypeOf(value: unknown): JsonType {
  if (value === null || value === undefined) return 'null'
  return Array.isArray(value) ? 'array' : (typeof value as JsonType)
}

/** The JSON type with its article, for messages: `a string`, `an array`. */
export function typeInWords(value: unknown): string {
  const type = jsonTypeOf(value)
  return type === 'array' || type === 'object'
    ? `an ${type}`
    : type === 'null'
      ? 'null'
      : `a ${type}`
}
