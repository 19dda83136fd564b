import { isJsonObject } from '../json.ts'
import type { Json } from '../json.ts'
import type { ValueCode } from './codes.ts'
import type { EncodeResult } from './compiled.ts'

/** A value the destination can take, whatever it is. */
export function accept(value: Json): EncodeResult {
  return { ok: true, value }
}

/** A value that cannot be sent, and why; the message names types and limits, never the value. */
export function reject(code: ValueCode, message: string): EncodeResult {
  return { ok: false, rejection: { code, message } }
}

/** The JSON type of a value in words: `null`, `boolean`, `number`, `string`, `array` or `object`. */
export function jsonTypeOf(value: Json): 'null' | 'boolean' | 'number' | 'string' | 'array' | 'object' {
  if (value === null) return 'null'
  if (Array.isArray(value)) return 'array'
  if (isJsonObject(value)) return 'object'
  return typeof value as 'boolean' | 'number' | 'string'
}

/** The JSON type with its article, for messages: `a string`, `an array`. */
export function typeInWords(value: Json): string {
  const type = jsonTypeOf(value)
  return type === 'array' || type === 'object' ? `an ${type}` : type === 'null' ? 'null' : `a ${type}`
}
