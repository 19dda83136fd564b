import { isSameJson } from '../mapping/canonical.ts'
import type { Json } from '../json.ts'
import type { SchemaNode } from './validate.ts'

type Check = (limit: never, value: unknown) => boolean

const lengthOf = (value: unknown) => (typeof value === 'string' ? [...value].length : Infinity)
const countOf = (value: unknown) => (Array.isArray(value) ? value.length : null)
const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** Keywords that look at one value; those for other types of values let it pass, as JSON Schema says. */
const CHECKS: Readonly<Record<string, Check>> = {
  type: (type: string, value: unknown) => isOfType(type, value),
  const: (wanted: Json, value: unknown) => isSameJson(wanted, value as Json),
  enum: (choices: readonly Json[], value: unknown) => choices.some((choice) => isSameJson(choice, value as Json)),
  minLength: (least: number, value: unknown) => lengthOf(value) >= least,
  pattern: (pattern: string, value: unknown) => typeof value !== 'string' || new RegExp(pattern, 'u').test(value),
  minimum: (least: number, value: unknown) => typeof value !== 'number' || value >= least,
  maximum: (most: number, value: unknown) => typeof value !== 'number' || value <= most,
  exclusiveMinimum: (below: number, value: unknown) => typeof value !== 'number' || value > below,
  minItems: (least: number, value: unknown) => (countOf(value) ?? Infinity) >= least,
  maxItems: (most: number, value: unknown) => (countOf(value) ?? 0) <= most,
  minProperties: (least: number, value: unknown) => !isObject(value) || Object.keys(value).length >= least,
  required: (names: readonly string[], value: unknown) => !isObject(value) || names.every((name) => Object.hasOwn(value, name)),
}
/** Keywords that say nothing about values, or are looked at together below. */
const SILENT = new Set(['description', 'examples', 'default', 'title', '$schema', '$defs'])
const NESTED = new Set(['properties', 'additionalProperties', 'items', 'anyOf', '$ref'])

/**
 * Whether a value surely fits a schema, without compiling anything.
 *
 * Shape: false when it does not fit, and when the schema holds a keyword this does not know: ask a real validator then. It
 * answers for the usual case, a configuration without mistakes, in a fraction of the time a validator takes to compile.
 *
 * @param resolve - follows `$ref`
 */
export function surelyFits(schema: SchemaNode, value: unknown, resolve: (schema: SchemaNode) => SchemaNode): boolean {
  const fits = (inner: SchemaNode, part: unknown) => surelyFits(inner, part, resolve)
  for (const [keyword, limit] of Object.entries(schema)) {
    if (SILENT.has(keyword) || NESTED.has(keyword)) continue
    const check = CHECKS[keyword]
    if (check === undefined || !check(limit as never, value)) return false
  }
  if (schema.$ref !== undefined && !fits(resolve(schema), value)) return false
  if (schema.anyOf !== undefined && !schema.anyOf.some((branch) => fits(branch, value))) return false
  if (schema.items !== undefined && Array.isArray(value) && !value.every((item) => fits(schema.items!, item))) return false
  return !isObject(value) || membersFit(schema, value, fits)
}

function membersFit(
  { properties = {}, additionalProperties }: SchemaNode,
  value: Readonly<Record<string, unknown>>,
  fits: (schema: SchemaNode, value: unknown) => boolean,
): boolean {
  return Object.keys(value).every((name) => {
    if (Object.hasOwn(properties, name)) return fits(properties[name], value[name])
    return additionalProperties === undefined || (additionalProperties !== false && fits(additionalProperties, value[name]))
  })
}

function isOfType(type: string, value: unknown): boolean {
  if (type === 'integer') return Number.isInteger(value)
  if (type === 'number') return typeof value === 'number' && Number.isFinite(value)
  if (type === 'object') return isObject(value)
  if (type === 'array') return Array.isArray(value)
  return type === 'null' ? value === null : typeof value === type
}
