import { Ajv } from 'ajv'
import type { ErrorObject, ValidateFunction } from 'ajv'
import { surelyFits } from './fits.ts'
import { SCHEMAS } from './schema.ts'
import type { FileKind } from './schema.ts'
import type { ConfigPath } from './place.ts'

/** A JSON Schema node, as far as this package writes them. */
export interface SchemaNode {
  readonly type?: string
  readonly enum?: readonly unknown[]
  readonly const?: unknown
  readonly properties?: Readonly<Record<string, SchemaNode>>
  readonly required?: readonly string[]
  readonly additionalProperties?: SchemaNode | false
  readonly items?: SchemaNode
  readonly anyOf?: readonly SchemaNode[]
  readonly description?: string
  readonly default?: unknown
  readonly examples?: readonly unknown[]
  readonly $ref?: string
  readonly $defs?: Readonly<Record<string, SchemaNode>>
}

/** The published schema of a kind of file: plain JSON. */
export function schemaOf(kind: FileKind): SchemaNode {
  return JSON.parse(JSON.stringify(SCHEMAS[kind])) as SchemaNode
}

/** One thing the schema does not like. `path` leads to the value; `missing` and `unknown` name a member of it. */
export interface ShapeError {
  readonly path: ConfigPath
  readonly keyword: string
  readonly params: Readonly<Record<string, unknown>>
  readonly schema: SchemaNode
  readonly data: unknown
}

/**
 * Compiling is most of what a small configuration costs: inlined or optimised code would not pay for itself, and our own
 * schemas need no check against the schema of schemas.
 */
const QUICK_START = { inlineRefs: false, code: { optimize: false }, meta: false, validateSchema: false } as const

/** Validates values of one kind of file; a union counts as the one branch the value means. */
export class ShapeValidator {
  #ajv: Ajv | null = null
  readonly #id: string
  readonly #root: SchemaNode
  readonly #pointers = new Map<unknown, string>()
  readonly #branches = new Map<string, ValidateFunction>()

  constructor(kind: FileKind) {
    this.#id = kind
    this.#root = schemaOf(kind)
    this.#index(this.#root, '')
  }

  /** Returns every mistake once, in no particular order. */
  validate(value: unknown): readonly ShapeError[] {
    if (surelyFits(this.#root, value, (schema) => this.resolve(schema))) return []
    return this.#check('', value, [])
  }

  /** Follows `$ref`s to the schema they name. */
  resolve(schema: SchemaNode): SchemaNode {
    const name = schema.$ref?.replace('#/$defs/', '')
    return name === undefined ? schema : (this.#root.$defs?.[name] ?? schema)
  }

  #check(pointer: string, value: unknown, prefix: ConfigPath): ShapeError[] {
    const validate = this.#compile(pointer)
    if (validate(value) === true) return []
    const errors = validate.errors ?? []
    const unions = outermost(errors.filter((error) => error.keyword === 'anyOf'))
    const wrongType = new Set(errors.filter((error) => error.keyword === 'type').map((error) => error.instancePath))
    const plain = errors.filter(
      ({ keyword, instancePath }) =>
        !unions.some((union) => isWithin(instancePath, union.instancePath)) && (keyword === 'type' || !wrongType.has(instancePath)),
    )
    const found = plain.map((error) => toShapeError(error, prefix))
    for (const union of unions) found.push(...this.#explainUnion(union, prefix))
    return found
  }

  #explainUnion(error: ErrorObject, prefix: ConfigPath): readonly ShapeError[] {
    const path = [...prefix, ...stepsOf(error.instancePath)]
    const branches = error.schema as readonly SchemaNode[]
    const branch = this.#pick(branches, error.data)
    const whole: ShapeError = { path, keyword: 'anyOf', params: {}, schema: error.parentSchema as SchemaNode, data: error.data }
    if (branch === null) return [whole]
    const pointer = this.#pointers.get(branches[branch])
    return pointer === undefined ? [whole] : this.#check(pointer, error.data, path)
  }

  /** The branch a value means: by its JSON type, then by the first key it needs, else the one that needs none. Null when in doubt. */
  #pick(branches: readonly SchemaNode[], data: unknown): number | null {
    const resolved = branches.map((branch) => this.resolve(branch))
    const byType = resolved.flatMap((branch, index) => (acceptsType(branch, data) ? [index] : []))
    if (byType.length <= 1) return byType[0] ?? null
    if (typeof data !== 'object' || data === null || Array.isArray(data)) return null
    const told = byType.find((index) => Object.hasOwn(data, resolved[index].required?.[0] ?? ''))
    if (told !== undefined) return told
    const open = byType.filter((index) => (resolved[index].required ?? []).length === 0)
    return open.length === 1 ? open[0] : null
  }

  #compile(pointer: string): ValidateFunction {
    let validate = this.#branches.get(pointer)
    if (validate === undefined) {
      validate = this.#compiler().compile({ $ref: `${this.#id}#${pointer}` })
      this.#branches.set(pointer, validate)
    }
    return validate
  }

  #compiler(): Ajv {
    if (this.#ajv === null) {
      this.#ajv = new Ajv({ allErrors: true, verbose: true, strict: false, ...QUICK_START })
      this.#ajv.addSchema({ $id: this.#id, ...this.#root })
    }
    return this.#ajv
  }

  #index(node: unknown, pointer: string): void {
    if (typeof node !== 'object' || node === null) return
    this.#pointers.set(node, pointer)
    for (const [key, child] of Object.entries(node)) this.#index(child, `${pointer}/${escapePointer(key)}`)
  }
}

/** Whether a branch takes values of this JSON type at all. */
function acceptsType(branch: SchemaNode, data: unknown): boolean {
  if (branch.anyOf) return branch.anyOf.some((inner) => acceptsType(inner, data))
  if (branch.enum) return branch.enum.some((value) => typeof value === typeof data)
  if (branch.const !== undefined) return typeof branch.const === typeof data
  return branch.type === undefined || branch.type === jsonType(data) || (branch.type === 'integer' && typeof data === 'number')
}

/** The JSON Schema name of a value's type. */
export function jsonType(data: unknown): string {
  if (data === null || data === undefined) return 'null'
  return Array.isArray(data) ? 'array' : typeof data
}

function toShapeError(error: ErrorObject, prefix: ConfigPath): ShapeError {
  return {
    path: [...prefix, ...stepsOf(error.instancePath)],
    keyword: error.keyword,
    params: error.params,
    schema: (error.parentSchema ?? {}) as SchemaNode,
    data: error.data,
  }
}

function outermost(unions: readonly ErrorObject[]): readonly ErrorObject[] {
  const kept: ErrorObject[] = []
  for (const union of unions.toSorted((a, b) => a.instancePath.length - b.instancePath.length || a.schemaPath.length - b.schemaPath.length))
    if (!kept.some((outer) => isWithin(union.instancePath, outer.instancePath))) kept.push(union)
  return kept
}

function isWithin(path: string, outer: string): boolean {
  return path === outer || path.startsWith(`${outer}/`)
}

const escapePointer = (key: string) => encodeURIComponent(key.replaceAll('~', '~0').replaceAll('/', '~1'))

/** Steps of a JSON pointer. */
function stepsOf(pointer: string): string[] {
  if (pointer === '') return []
  return pointer
    .slice(1)
    .split('/')
    .map((step) => step.replaceAll('~1', '/').replaceAll('~0', '~'))
}
