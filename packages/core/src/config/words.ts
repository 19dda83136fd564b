import { jsonType } from './fits.ts'
import type { SchemaNode } from './validate.ts'
import type { ConfigPath } from './place.ts'

const TYPE_NAMES: Readonly<Record<string, string>> = {
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

/** Names the kind of a value: `a text`, `a list`. */
export function kindOf(data: unknown): string {
  return typeof data === 'boolean' ? `${data}` : TYPE_NAMES[jsonType(data)]
}

/** Quotes a value for a message; what may be a secret, and what is long, is named by its kind alone. */
export function quote(data: unknown, path: ConfigPath = []): string {
  if (path.some((step) => typeof step === 'string' && MAY_BE_SECRET.test(step))) return kindOf(data)
  if (typeof data === 'string' && HOLDS_SECRET.test(data)) return kindOf(data)
  if (typeof data === 'string') return data.length <= MAX_QUOTED ? `"${data}"` : `a text of ${data.length} characters`
  return typeof data === 'object' ? kindOf(data) : String(data)
}

/**
 * A key as messages quote it: what stands behind a colon in it is a value that lost its space, and may be a secret.
 *
 * Shape: `api_key:hunter2` in, `api_key:…` out.
 */
export function shownKey(key: string): string {
  const colon = key.indexOf(':')
  return colon < 0 ? key : `${key.slice(0, colon + 1)}…`
}

/** Names what a schema takes: `a text or a mapping`. */
export function expectedBy(schema: SchemaNode, resolve: (schema: SchemaNode) => SchemaNode): string {
  const names = new Set(namesOf(schema, resolve))
  return joinOr([...names])
}

function namesOf(schema: SchemaNode, resolve: (schema: SchemaNode) => SchemaNode): readonly string[] {
  const known = resolve(schema)
  if (known.anyOf) return known.anyOf.flatMap((branch) => namesOf(branch, resolve))
  if (known.enum) return known.enum.map(String)
  if (known.const !== undefined) return [String(known.const)]
  return [TYPE_NAMES[known.type ?? ''] ?? 'a value']
}

/** `a`, `a or b`, `a, b or c`. */
export function joinOr(words: readonly string[]): string {
  if (words.length <= 1) return words[0] ?? ''
  return `${words.slice(0, -1).join(', ')} or ${words.at(-1)}`
}

/** A value as one would write it in one line of YAML. */
export function flowYaml(value: unknown): string {
  if (typeof value === 'string') return isPlain(value) ? value : `'${value.replaceAll("'", "''")}'`
  if (Array.isArray(value)) return `[${value.map(flowYaml).join(', ')}]`
  if (typeof value !== 'object' || value === null) return String(value)
  return `{ ${Object.entries(value)
    .map(([key, member]) => `${key}: ${flowYaml(member)}`)
    .join(', ')} }`
}

/** Whether a text can stand without quotes and stays a text. */
function isPlain(text: string): boolean {
  return /^[\w./](?:[\w ./%*-]*[\w./%*])?$/u.test(text) && Number.isNaN(Number(text)) && !/^(?:true|false|null)$/iu.test(text)
}
