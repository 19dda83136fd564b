/** What a value is declared to be. */
export const VALUE_TYPES = [
  'string',
  'number',
  'integer',
  'boolean',
  'time',
  'array',
  'object',
] as const
/** Name of a value type. */
export type ValueType = (typeof VALUE_TYPES)[number]
