import { validate as validateCases } from '../../schema/generated/cases-validator.ts'
import { validate as validateProject } from '../../schema/generated/project-validator.ts'
import { validate as validateSync } from '../../schema/generated/sync-validator.ts'
import type { FileKind } from '../../schema/kinds.ts'
import { schemaOf } from '../../schema/node.ts'
import type { SchemaNode } from '../../schema/node.ts'
import type { ShapeError } from './shape-error.ts'

/** One error as Ajv writes it. */
interface AjvError {
  readonly instancePath: string
  readonly schemaPath: string
  readonly keyword: string
  readonly params: Readonly<Record<string, unknown>>
}

/** What Ajv generates: the errors of the last value are a member of the function. */
interface Validator {
  (value: unknown): boolean
  readonly errors?: readonly AjvError[] | null
}

const VALIDATORS: Readonly<Record<FileKind, Validator>> = {
  project: validateProject,
  sync: validateSync,
  cases: validateCases,
}

/** Validates values of one kind of file by the validator that Ajv generated from its schema. */
export class ShapeValidator {
  readonly #kind: FileKind
  #root: SchemaNode | null = null

  constructor(kind: FileKind) {
    this.#kind = kind
  }

  /**
   * Returns every mistake once, in no particular order.
   *
   * Shape: empty when the value fits. A union counts as the one branch the value means, and is a
   * mistake as a whole when it means none; beside a value of the wrong type nothing else is said
   * about it.
   */
  validate(value: unknown): readonly ShapeError[] {
    const validate = VALIDATORS[this.#kind]
    if (validate(value)) return []
    const errors = validate.errors ?? []
    const mistyped = new Set(errors.filter(({ keyword }) => keyword === 'type').map(nodeOf))
    const certain = errors.filter(
      (error) => error.keyword === 'type' || !mistyped.has(nodeOf(error)),
    )
    return certain.map((error) => this.#place(error, value))
  }

  /** Follows `$ref`s to the schema they name. */
  resolve(schema: SchemaNode): SchemaNode {
    const name = schema.$ref?.replace('#/$defs/', '')
    return name === undefined ? schema : (this.#schema.$defs?.[name] ?? schema)
  }

  /** Parsed only when there is something to explain. */
  get #schema(): SchemaNode {
    this.#root ??= schemaOf(this.#kind)
    return this.#root
  }

  #place({ instancePath, schemaPath, keyword, params }: AjvError, value: unknown): ShapeError {
    const path = stepsOf(instancePath)
    const schema = memberAt(this.#schema, stepsOf(schemaPath).slice(0, -1)) as SchemaNode
    return { path, keyword, params, schema, data: memberAt(value, path) }
  }
}

/** The value and the schema an error is about, without its keyword. */
function nodeOf({ instancePath, schemaPath }: AjvError): string {
  return `${instancePath} ${schemaPath.slice(0, schemaPath.lastIndexOf('/'))}`
}

/**
 * The steps of a JSON pointer, as Ajv writes them: with a `#` before and escapes of URLs in
 * pointers of schemas.
 */
function stepsOf(pointer: string): readonly string[] {
  const isOfSchema = pointer.startsWith('#')
  const steps = pointer.split('/').slice(1)
  return steps.map((step) =>
    (isOfSchema ? decodeURIComponent(step) : step).replaceAll('~1', '/').replaceAll('~0', '~'),
  )
}

function memberAt(value: unknown, steps: readonly string[]): unknown {
  return steps.reduce((member, step) => (member as Readonly<Record<string, unknown>>)[step], value)
}
