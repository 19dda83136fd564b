import { FILE_KINDS } from '../src/schema/kinds.ts'
import type { FileKind } from '../src/schema/kinds.ts'
import type { SchemaNode } from '../src/schema/node.ts'
import { SCHEMAS } from '../src/schema/schemas.ts'

/** The schema of a kind of file as plain JSON, in the order in which it is written in the source. */
export function publishedSchema(kind: FileKind): SchemaNode {
  return JSON.parse(JSON.stringify(SCHEMAS[kind])) as SchemaNode
}

/** The published schemas by file name, as they stand in `schema/`. */
export function schemaTexts(): ReadonlyMap<string, string> {
  return new Map(
    FILE_KINDS.map((kind) => [
      `${kind}.json`,
      `${JSON.stringify(publishedSchema(kind), null, 2)}\n`,
    ]),
  )
}
