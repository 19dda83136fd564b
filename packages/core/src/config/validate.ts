import { fits } from './fits.ts'
import { findMistakes } from './mistakes.ts'
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
 * Validates values of one kind of file; a union counts as the one branch the value means.
 *
 * It walks the schema. A validator compiled by a library takes longer to load and compile than all files of a usual
 * configuration take to walk.
 */
export class ShapeValidator {
  readonly #root: SchemaNode

  constructor(kind: FileKind) {
    this.#root = SCHEMAS[kind] as SchemaNode
  }

  /** Returns every mistake once, in no particular order. */
  validate(value: unknown): readonly ShapeError[] {
    const resolve = (schema: SchemaNode) => this.resolve(schema)
    return fits(this.#root, value, resolve) ? [] : findMistakes({ schema: this.#root, value, path: [] }, resolve)
  }

  /** Follows `$ref`s to the schema they name. */
  resolve(schema: SchemaNode): SchemaNode {
    const name = schema.$ref?.replace('#/$defs/', '')
    return name === undefined ? schema : (this.#root.$defs?.[name] ?? schema)
  }
}
