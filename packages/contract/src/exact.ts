import type { Json } from './json.ts'
import { canonicalText } from './canonical.ts'

/**
 * JSON as a source wrote it: an integer whose digits a double does not keep is a bigint.
 *
 * All other numbers, decimals among them, are doubles.
 */
export type SourceJson =
  | null
  | boolean
  | number
  | bigint
  | string
  | readonly SourceJson[]
  | { readonly [key: string]: SourceJson }

/**
 * First byte of the text of a value that holds an integer no double holds. No JSON text begins so.
 */
export const EXACT_BYTE = 0x2b

const MARK = '+'
/** Fewer digits than these, or of an exponent, a double always holds. */
const MANY_DIGITS = /\d{16}|[eE]\+?\d{3}/u
const INTEGER = /^-?\d+$/u

/**
 * Reads JSON without losing digits of integers.
 *
 * @throws {SyntaxError} as `JSON.parse`
 */
export function parseSource(text: string): SourceJson {
  // Most texts have no long run of digits, and a reviver costs several times what reading costs.
  if (!MANY_DIGITS.test(text)) return JSON.parse(text) as Json
  return JSON.parse(text, keepDigits as (key: string, value: unknown) => unknown) as SourceJson
}

/**
 * In the place of a number that no double reaches, such as `1e400`: as JSON it would be written as
 * null, and unset what is there.
 */
const TOO_LARGE = 10n ** 400n

/** A reviver; Node passes the source text of primitives since version 21. */
function keepDigits(_key: string, value: unknown, context: { readonly source?: string }): unknown {
  if (typeof value !== 'number' || Number.isSafeInteger(value)) return value
  const { source } = context
  if (source !== undefined && INTEGER.test(source))
    return String(value) === source ? value : BigInt(source)
  if (Number.isFinite(value)) return value
  return value < 0 ? -TOO_LARGE : TOO_LARGE
}

/** JSON text of a value as a source wrote it, members in their order: what `parseSource` read. */
export function writeSource(value: SourceJson): string {
  return JSON.stringify(value, (_key, child: unknown) =>
    typeof child === 'bigint' ? rawJson(String(child)) : child,
  )
}

/** `JSON.rawJSON`, which Node has since version 21: text that `JSON.stringify` takes as it is. */
const { rawJSON: rawJson } = JSON as unknown as { readonly rawJSON: (text: string) => unknown }

/**
 * The canonical text of a value as a source wrote it: after a `+` where it holds an integer that no
 * double holds.
 */
export function sourceText(value: SourceJson): string {
  const json = value as Json
  return placeOfExact(value) === null ? canonicalText(json) : `${MARK}${canonicalText(json)}`
}

/**
 * Where the first integer stands that no double holds: the path to it, empty for the value itself;
 * null when there is none.
 */
export function placeOfExact(value: SourceJson): readonly string[] | null {
  if (typeof value === 'bigint') return []
  if (typeof value !== 'object' || value === null) return null
  for (const [key, child] of Object.entries(value)) {
    const place = placeOfExact(child)
    if (place !== null) return [key, ...place]
  }
  return null
}

/** A value read back from its source text, and where its digits would be lost. */
export interface ExactValue {
  /** With the digits as text where a double would lose them. */
  readonly json: Json
  readonly place: readonly string[]
}

/** Reads a source text that begins with `EXACT_BYTE`. */
export function readExact(text: string): ExactValue {
  const value = parseSource(text.slice(MARK.length))
  return { json: withDigits(value), place: placeOfExact(value) ?? [] }
}

/** A value as a source wrote it, in which integers no double holds are their digits as text. */
export function withDigits(value: SourceJson): Json {
  if (typeof value === 'bigint') return String(value)
  if (Array.isArray(value)) return (value as readonly SourceJson[]).map(withDigits)
  if (typeof value !== 'object' || value === null) return value as Json
  return Object.fromEntries(Object.entries(value).map(([key, child]) => [key, withDigits(child)]))
}
