import type { ConfigPath } from '../../model/source-range.ts'
import { jsonTypeOf } from '../../values/json-type.ts'

const TYPE_NAMES = {
  string: 'a text',
  number: 'a number',
  integer: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  object: 'a mapping',
  null: 'nothing',
}
const MAY_BE_SECRET = /key|token|secret|password|credential|auth|value|url|endpoint/i
/** A text that has swallowed other keys, as after a lost quote. */
const HOLDS_SECRET = /(?:key|token|secret|password|credential)\w*["']?\s*:|:\/\/[^\s/:@]*:\S+@/i
const MAX_QUOTED = 60

/** The words for a JSON type, or undefined for what is none. */
export function typeName(type: string | undefined): string | undefined {
  return (TYPE_NAMES as Readonly<Record<string, string>>)[type ?? '']
}

/** Names the kind of a value: `a text`, `a list`. */
export function kindOf(data: unknown): string {
  return typeof data === 'boolean' ? `${data}` : TYPE_NAMES[jsonTypeOf(data)]
}

/**
 * Quotes a value for a message; what may be a secret, and what is long, is named by its kind alone.
 */
export function quote(data: unknown, path: ConfigPath = []): string {
  if (path.some((step) => typeof step === 'string' && MAY_BE_SECRET.test(step))) return kindOf(data)
  if (typeof data === 'string' && HOLDS_SECRET.test(data)) return kindOf(data)
  if (typeof data === 'string')
    return data.length <= MAX_QUOTED ? `"${data}"` : `a text of ${data.length} characters`
  return typeof data === 'object' ? kindOf(data) : String(data)
}

/**
 * A key as messages quote it: what stands behind a colon in it is a value that lost its space, and
 * may be a secret.
 *
 * Shape: `api_key:hunter2` in, `api_key:…` out.
 */
export function shownKey(key: string): string {
  const colon = key.indexOf(':')
  return colon < 0 ? key : `${key.slice(0, colon + 1)}…`
}
