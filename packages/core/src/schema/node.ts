import { TEXTS } from './generated/schema-texts.ts'
import type { FileKind } from './kinds.ts'

/** A JSON Schema node, as far as this package writes them. */
export interface SchemaNode {
  readonly type?: string
  readonly enum?: readonly unknown[]
  readonly const?: unknown
  readonly properties?: Readonly<Record<string, SchemaNode>>
  readonly required?: readonly string[]
  readonly additionalProperties?: SchemaNode | false
  readonly items?: SchemaNode
  readonly pattern?: string
  readonly anyOf?: readonly SchemaNode[]
  readonly description?: string
  readonly default?: unknown
  readonly examples?: readonly unknown[]
  readonly $ref?: string
  readonly $defs?: Readonly<Record<string, SchemaNode>>
}

/** The published schema of a kind of file: plain JSON, a fresh copy each time. */
export function schemaOf(kind: FileKind): SchemaNode {
  return JSON.parse(TEXTS[kind]) as SchemaNode
}
