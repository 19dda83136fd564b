import { SCHEMAS } from '../../schema/kinds.ts'
import type { FileKind } from '../../schema/kinds.ts'
import type { SchemaNode } from '../../schema/node.ts'
import { fits } from './fits.ts'
import { findMistakes } from './mistakes.ts'
import type { ShapeError } from './shape-error.ts'

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
