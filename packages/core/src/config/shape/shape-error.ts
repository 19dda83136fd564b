import type { ConfigPath } from '../../model/source-range.ts'
import type { SchemaNode } from '../../schema/node.ts'

/**
 * One thing the schema does not like. `path` leads to the value; `missing` and `unknown` name a
 * member of it.
 */
export interface ShapeError {
  readonly path: ConfigPath
  readonly keyword: string
  readonly params: Readonly<Record<string, unknown>>
  readonly schema: SchemaNode
  readonly data: unknown
}
