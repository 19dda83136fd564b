import type { ConfigPath } from '../../model/source-range.ts'
import type { SchemaNode } from '../../schema/node.ts'
import { jsonTypeOf } from '../../values/json-type.ts'
import { failedChecks, fits, isObject } from './fits.ts'
import type { Resolve } from './fits.ts'
import type { ShapeError } from './shape-error.ts'

/** A value, where it stands, and what it should be. */
interface Subject {
  readonly schema: SchemaNode
  readonly value: unknown
  readonly path: ConfigPath
}

/**
 * Every mistake of a value, each once.
 *
 * Shape: empty when the value fits. A union counts as the one branch the value means, and is a mistake as a whole when
 * it means none; beside a value of the wrong type nothing else is said about it.
 */
export function findMistakes({ schema, value, path }: Subject, resolve: Resolve): readonly ShapeError[] {
  if (schema.$ref !== undefined) return findMistakes({ schema: resolve(schema), value, path }, resolve)
  const { anyOf } = schema
  if (anyOf !== undefined && !anyOf.some((branch) => fits(branch, value, resolve))) return explainUnion({ schema, value, path }, resolve)
  const failed = failedChecks(schema, value).flatMap((keyword) => told(keyword, { schema, value, path }))
  if (failed[0]?.keyword === 'type') return failed
  return [
    ...failed,
    ...unknownMembers({ schema, value, path }),
    ...partsOf({ schema, value, path }).flatMap((part) => findMistakes(part, resolve)),
  ]
}

/** One keyword's mistakes: each missing member is one, everything else is one in all. */
function told(keyword: string, { schema, value, path }: Subject): readonly ShapeError[] {
  const mistake = { path, keyword, schema, data: value }
  if (keyword !== 'required') return [{ ...mistake, params: { limit: schema[keyword as keyof SchemaNode] } }]
  const missing = (schema.required ?? []).filter((name) => !Object.hasOwn(value as object, name))
  return missing.map((missingProperty) => ({ ...mistake, params: { missingProperty } }))
}

function unknownMembers({ schema, value, path }: Subject): readonly ShapeError[] {
  if (schema.additionalProperties !== false || !isObject(value)) return []
  const unknown = Object.keys(value).filter((name) => !Object.hasOwn(schema.properties ?? {}, name))
  return unknown.map((additionalProperty) => ({
    path,
    keyword: 'additionalProperties',
    params: { additionalProperty },
    schema,
    data: value,
  }))
}

/** The parts of a value that a schema says something about. */
function partsOf({ schema, value, path }: Subject): readonly Subject[] {
  const { items, properties = {}, additionalProperties } = schema
  if (Array.isArray(value)) {
    return items === undefined ? [] : value.map((item, index) => ({ schema: items, value: item, path: [...path, String(index)] }))
  }
  if (!isObject(value)) return []
  return Object.entries(value).flatMap(([name, part]) => {
    const below = Object.hasOwn(properties, name) ? properties[name] : additionalProperties
    return below === undefined || below === false ? [] : [{ schema: below, value: part, path: [...path, name] }]
  })
}

function explainUnion({ schema, value, path }: Subject, resolve: Resolve): readonly ShapeError[] {
  const branch = meantBranch(schema.anyOf ?? [], value, resolve)
  if (branch === null) return [{ path, keyword: 'anyOf', params: {}, schema, data: value }]
  return findMistakes({ schema: branch, value, path }, resolve)
}

/** The branch a value means: by its JSON type, then by the first key it needs, else the one that needs none. Null when in doubt. */
function meantBranch(branches: readonly SchemaNode[], value: unknown, resolve: Resolve): SchemaNode | null {
  const byType = branches.map(resolve).filter((branch) => acceptsType(branch, value))
  if (byType.length <= 1) return byType[0] ?? null
  if (!isObject(value)) return null
  const told = byType.find(({ required }) => Object.hasOwn(value, required?.[0] ?? ''))
  if (told !== undefined) return told
  const open = byType.filter(({ required = [] }) => required.length === 0)
  return open.length === 1 ? open[0] : null
}

/** Whether a branch takes values of this JSON type at all. */
function acceptsType(branch: SchemaNode, data: unknown): boolean {
  if (branch.anyOf) return branch.anyOf.some((inner) => acceptsType(inner, data))
  if (branch.enum) return branch.enum.some((value) => typeof value === typeof data)
  if (branch.const !== undefined) return typeof branch.const === typeof data
  return branch.type === undefined || branch.type === jsonTypeOf(data) || (branch.type === 'integer' && typeof data === 'number')
}
