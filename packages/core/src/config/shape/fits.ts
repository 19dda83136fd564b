import type { Json } from '../../json.ts'
import type { SchemaNode } from '../../schema/node.ts'
import { isSameJson } from '../../values/canonical.ts'

type Check = (limit: never, value: unknown) => boolean

const lengthOf = (value: unknown) => (typeof value === 'string' ? [...value].length : Infinity)
const countOf = (value: unknown) => (Array.isArray(value) ? value.length : null)
export const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** Keywords that look at one value, in the order they are told; those for other types of values let it pass, as JSON Schema says. */
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
const ORDER = Object.keys(CHECKS)

/** Follows `$ref`s. */
export type Resolve = (schema: SchemaNode) => SchemaNode

/**
 * Whether a value fits a schema.
 *
 * @throws {TypeError} when the schema holds a keyword that is not in the table above
 */
export function fits(schema: SchemaNode, value: unknown, resolve: Resolve): boolean {
  const inner = (below: SchemaNode, part: unknown) => fits(below, part, resolve)
  if (failedChecks(schema, value, 1).length > 0) return false
  if (schema.$ref !== undefined && !inner(resolve(schema), value)) return false
  if (schema.anyOf !== undefined && !schema.anyOf.some((branch) => inner(branch, value))) return false
  if (schema.items !== undefined && Array.isArray(value) && !value.every((item) => inner(schema.items!, item))) return false
  return !isObject(value) || membersFit(schema, value, inner)
}

/** The keywords of one schema that a value breaks, without those that look at its parts; the wrong type stands alone. */
export function failedChecks(schema: SchemaNode, value: unknown, most = Infinity): readonly string[] {
  const failed: string[] = []
  for (const [keyword, limit] of Object.entries(schema)) {
    if (SILENT.has(keyword) || NESTED.has(keyword)) continue
    const check = CHECKS[keyword]
    if (check === undefined) throw new TypeError(`The schema uses "${keyword}", which fits.ts does not know`)
    if (!check(limit as never, value) && failed.push(keyword) >= most) break
  }
  return failed.includes('type') ? ['type'] : failed.length < 2 ? failed : ORDER.filter((keyword) => failed.includes(keyword))
}

function membersFit(
  { properties = {}, additionalProperties }: SchemaNode,
  value: Readonly<Record<string, unknown>>,
  inner: (schema: SchemaNode, value: unknown) => boolean,
): boolean {
  return Object.keys(value).every((name) => {
    if (Object.hasOwn(properties, name)) return inner(properties[name], value[name])
    return additionalProperties === undefined || (additionalProperties !== false && inner(additionalProperties, value[name]))
  })
}

function isOfType(type: string, value: unknown): boolean {
  if (type === 'integer') return Number.isInteger(value)
  if (type === 'number') return typeof value === 'number' && Number.isFinite(value)
  if (type === 'object') return isObject(value)
  if (type === 'array') return Array.isArray(value)
  return type === 'null' ? value === null : typeof value === type
}
